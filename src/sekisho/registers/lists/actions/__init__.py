"""Building lists, approving and handing them over, rechecking, letting go of them; and mail that came back."""

from sekisho.registers.lists.actions.asked import ask_list, build_asked, expire_requests
from sekisho.registers.lists.actions.building import build_list
from sekisho.registers.lists.actions.dropping import copies_of, drop_for, drop_of, expire
from sekisho.registers.lists.actions.handing import HandedOver, approve_list, ask_approval, hand_over
from sekisho.registers.lists.actions.members import expire_members
from sekisho.registers.lists.actions.previewing import Preview, preview_list
from sekisho.registers.lists.actions.rechecking import Dropped, Rechecked, recheck, verified
from sekisho.registers.lists.actions.returned import clear_returned, record_returned

__all__ = [
    "Dropped",
    "HandedOver",
    "Preview",
    "Rechecked",
    "approve_list",
    "ask_approval",
    "ask_list",
    "build_asked",
    "build_list",
    "clear_returned",
    "copies_of",
    "drop_for",
    "drop_of",
    "expire",
    "expire_members",
    "expire_requests",
    "hand_over",
    "preview_list",
    "recheck",
    "record_returned",
    "verified",
]
