"""Files and pasted text as points.

``sources`` which tables a source may hold · ``separated``, ``printed``, ``binary``, ``excel`` the
forms of tables · ``lines`` what is before and after a text's rows · ``table`` columns in memory ·
``roles`` which column is what · ``reading`` points, and the account of what was read ·
``unreadable`` refusals.
"""
