"""The class room: a teacher's scene and questions, and the class's answers, without accounts.

``names`` what a room is called · ``room`` its state, and what is an answer · ``store`` where rooms
are kept, by ``sqlite_store`` or ``redis_store`` · ``asked`` the question that a state asks ·
``said`` what a student is told · ``routes`` ``/room`` · ``teacher`` the teacher's side on every
page · ``questions`` what is asked there of a scene.
"""
