//! What stands first in the README of a repository of one's own, in English.

use crate::messages::Readme;

/// The text; the folder's own follows.
pub fn text(of: &Readme<'_>) -> String {
    match of {
        Readme::Exercise { factor, path } => format!(
            "# Your repository for {factor}\n\nThis repository is yours: commit, branch and break things as you like.\nThe grader works on a clone. Call it from the workshop's folder:\n\n```sh\ncargo xtask check {factor} --path {path}\n```\n\nWhat follows is the exercise's own text.\n"
        ),
        Readme::Capstone { path } => format!(
            "# Your capstone\n\nThis repository is yours, from the first commit to the last release. The grader works on a clone; call it from the workshop's folder:\n\n```sh\ncargo xtask check --all --path {path}      # everything\ncargo xtask check factor-1 --path {path}   # one factor\n```\n"
        ),
        Readme::Checkpoint { number, path } => format!(
            "# A checkpoint: the factors 1 to {number}\n\nGo on from here, or compare it with your own. It is the complete service, so what later factors ask is in it too.\nThe grader works on a clone; call it from the workshop's folder:\n\n```sh\ncargo xtask check --all --path {path}\n```\n\nWhat follows is the service's own text.\n"
        ),
    }
}
