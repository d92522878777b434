"""Exercises by link: ``truth`` the answers, computed by the core · ``questions`` what is asked ·
``cover`` the figure before the answer · ``view`` the question on a page · ``editor`` of links.
"""
