"""Who may do what with lists."""

from sekisho.web.roles import Role

APPROVING = (Role.OFFICER, Role.DEPUTY)
BUILDING = (Role.ANALYST, *APPROVING)
READING = (*BUILDING, Role.AUDITOR)
DESK = (*APPROVING, Role.CLERK)
