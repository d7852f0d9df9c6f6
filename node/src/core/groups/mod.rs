//! Groups: what conversations ask of them. None is served yet.

pub(crate) mod seam;
