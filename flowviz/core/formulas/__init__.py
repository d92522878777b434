"""How a typed formula is read and computed: ``syntax`` text to tree, ``functions`` what it may
call, ``compile`` tree to torch. The way in is ``core.formula``.
"""
