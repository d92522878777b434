"""What training is made of; ``core.training`` runs it.

``draws`` of (t, x₀, x₁) · ``scales`` what a network need not learn · ``network`` and its
``perceptron`` · ``loop`` one step · ``floor`` the least loss · ``judging`` the true error ·
``parts`` long sums, bit by bit ·
``learned`` what comes of it · ``samples`` how far two sets are apart · ``script`` to take away.
"""
