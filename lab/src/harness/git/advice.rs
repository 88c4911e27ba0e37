//! Advice about a revision that is not there.

use super::Git;

impl Git {
    /// Says that `revision` is not there, and which command of git brings it.
    pub(super) fn advice(&self, revision: &str) -> String {
        let missing = format!("there is no revision {revision} here");
        if let Some(known) = self.remote_branch(revision) {
            return format!("{missing}, but a branch of a remote: name it {known}");
        }
        let is_shallow = self
            .ask(&["rev-parse", "--is-shallow-repository"])
            .is_ok_and(|printed| printed == "true");
        if is_shallow {
            let remote = self.remotes().into_iter().next().unwrap_or_else(|| "origin".to_owned());
            return format!(
                "{missing}: this clone is shallow, it has the newest commits only. `git fetch \
                 --deepen 100` brings more, `git fetch --unshallow --tags {remote} \
                 '+refs/heads/*:refs/remotes/{remote}/*'` brings everything; a branch is then \
                 called {remote}/NAME"
            );
        }
        format!(
            "{missing}: name a branch, tag or commit (`git branch --all` and `git tag` list them; \
             `git fetch --all --tags` brings what is new)"
        )
    }

    fn remotes(&self) -> Vec<String> {
        let printed = self.ask(&["remote"]).unwrap_or_default();
        printed.lines().map(str::to_owned).collect()
    }

    /// The branch of this name that a remote has.
    fn remote_branch(&self, name: &str) -> Option<String> {
        self.remotes().into_iter().map(|remote| format!("{remote}/{name}")).find(|known| {
            let reference = format!("refs/remotes/{known}");
            self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &reference]).is_ok()
        })
    }
}
