"""A visitor's session: ``state`` its scene and widgets · ``drag`` the protocol of drags ·
``faults`` handling of exceptions · ``preemption`` of long computations · ``valid_family`` the last
valid typed family · ``cache`` of results for all visitors · ``keys`` scenes as its keys.
"""
