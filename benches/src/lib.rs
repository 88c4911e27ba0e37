//! Workloads and instruments.
