"""Speed and accuracy of the measurement engine beside its peers."""
