"""One visitor's session: ``state`` the scene and the widgets · ``drag`` what the pointer reports ·
``preemption`` runs that give way · ``valid_family`` the last family that makes a flow · ``cache``
results that visitors share.
"""
