//! Passwords: of each only its slow hash is kept, which is of little use to whoever steals it (factor 15).

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

/// What is longer is nobody's name, and no key in Redis that somebody else chooses the size of.
pub const LONGEST_NAME: usize = 64;
/// A password is hashed as a whole, so its length costs us something.
pub const LONGEST_PASSWORD: usize = 1024;

/// The hash of a new password, with a salt of its own: equal passwords do not look equal.
///
/// # Errors
///
/// A password that is too long, or a system without randomness.
pub fn hash(password: &str, cost: u32) -> Result<String, String> {
    if password.len() > LONGEST_PASSWORD {
        return Err("a password has at most 1024 bytes".to_owned());
    }
    let hash = argon2(cost).hash_password(password.as_bytes()).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

/// Whether a password is the one of `hash`. Where there is no hash, because there is no such user, it is as much work: how long
/// an answer takes would tell who has an account.
pub fn fits(password: &str, hash: Option<&str>, cost: u32) -> bool {
    match hash {
        // The cost is read from the hash: old ones stay valid when it is raised.
        Some(hash) => argon2(cost).verify_password(password.as_bytes(), hash).is_ok(),
        None => {
            drop(argon2(cost).hash_password(password.as_bytes()));
            false
        }
    }
}

/// 19 MiB of memory, which is what graphics cards have too little of per core, and as many rounds as configured.
fn argon2(cost: u32) -> Argon2<'static> {
    let params = Params::new(Params::DEFAULT_M_COST, cost, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}
