//! Exit codes, and which of them an API code becomes.

use std::process::ExitCode;

/// How the binary ends; programs depend on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// Tried, and failed.
    Failed = 1,
    /// The order itself is wrong: flags, settings, parameters.
    Usage = 2,
    /// No node answers.
    Unreachable = 3,
    /// No login, a wrong password, a wrong token.
    Unauthorized = 4,
    /// The thing named does not exist.
    NotFound = 5,
    /// Already so, not yet so, or out of time.
    Conflict = 6,
}

impl Exit {
    /// Returns the exit of an API code other than 200.
    pub(crate) const fn of_code(code: i64) -> Self {
        match code {
            // Method or parameters.
            300 | 600 | 1000..=1005 => Self::Usage,
            // Not signed in; a wrong password, or too many of them.
            20061 | 20010..=20012 => Self::Unauthorized,
            // Vault, group, member, contact, message, device, packet.
            404 | 20023 | 20043 | 20048 | 20058 | 20091 | 20094 | 21006 => Self::NotFound,
            // A conflict with what is (password taken, already in the group, already friends or
            // kept, opened, decided, pending), or no answer of the network or the group in time.
            20014 | 20049 | 20063 | 20093 | 21003 | 21008 | 21009 | 20003 | 20052 => Self::Conflict,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn codes_become_the_documented_exits() {
        for (exit, codes) in [
            (Exit::Usage, &[300, 600, 1000, 1003, 1005][..]),
            (Exit::Unauthorized, &[20061, 20010, 20011, 20012]),
            (Exit::NotFound, &[21006, 20058, 20043, 20091]),
            (Exit::Conflict, &[20063, 20014, 21003, 21009, 20003, 20052]),
            (Exit::Failed, &[500, 700, 999, 1006, 20009, 20013, 21001, -1, i64::MAX]),
        ] {
            for code in codes {
                assert_eq!(Exit::of_code(*code), exit, "{code}");
            }
        }
    }

    #[test]
    fn numbers_are_fixed() {
        let all = [
            Exit::Ok,
            Exit::Failed,
            Exit::Usage,
            Exit::Unreachable,
            Exit::Unauthorized,
            Exit::NotFound,
            Exit::Conflict,
        ];
        assert_eq!(all.map(|exit| exit as u8), [0, 1, 2, 3, 4, 5, 6]);
    }
}
