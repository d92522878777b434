"""Presenting: a page on a projector, moved by keys, with notes in a window of their own.

``screen`` the component with the keys, and what it asks for · ``style`` the page's style sheet ·
``notes`` what the lecturer reads · ``routes`` the window it is read in.

`corner` is the place in the picture's corner for what else a class must see, as a room's code.
"""
