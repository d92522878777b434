"""The page Couplings: pairs and flows, cells over basins, costs, few steps."""
