"""The lesson: predict, lock, see, explain, do.

``steps`` what is asked, and where it is tried · ``truth`` the answers, computed by the core ·
``pictures`` the arrays of each step's figure · ``view`` the page.
"""
