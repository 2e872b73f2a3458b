// Enhancement only: while a job runs, what moves on this page is read anew every few seconds. Without it there is a link.
(() => {
  "use strict";
  const EVERY = 3000;
  const renew = async () => {
    const old = document.getElementById("moving");
    if (!old || !old.dataset.live) return;
    if (!document.hidden && !old.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
        if (!answer.ok || answer.redirected) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("moving");
        if (fresh) old.replaceWith(document.adoptNode(fresh));
      } catch { /* the server is away: the page stays as it is, and says when it was read */ }
    }
    setTimeout(renew, EVERY);
  };
  setTimeout(renew, EVERY);
})();
