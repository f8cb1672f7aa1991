//! The contract suite (to be written).
