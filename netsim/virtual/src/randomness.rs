//! Randomness that repeats itself: `getrandom` and `getentropy` of this binary.
//!
//! libp2p, its handshakes, vodozemac and std's hash maps ask the system for randomness where nothing
//! of ours can hand them any. A thread that runs a simulation gets a stream of its seed here; every
//! other thread gets the kernel's.

use libc::{c_int, c_uint, c_void, size_t, ssize_t};
use std::cell::Cell;

thread_local! {
    /// Where the stream of this thread stands, if it has one.
    static STREAM: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Makes all further randomness of this thread follow from `seed`.
pub fn seed_thread(seed: u64) {
    STREAM.set(Some(seed));
}

/// Returns the next eight bytes of a stream (splitmix64) and moves it on.
fn next(state: &mut u64) -> [u8; 8] {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)).to_le_bytes()
}

/// Fills a buffer from this thread's stream and says whether it has one.
fn fill(bytes: &mut [u8]) -> bool {
    let Ok(Some(mut state)) = STREAM.try_with(Cell::get) else { return false };
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&next(&mut state)[..chunk.len()]);
    }
    STREAM.set(Some(state));
    true
}

/// Stands in for libc's `getrandom`.
///
/// # Safety
///
/// `buffer` has to be valid for writes of `len` bytes, as for libc's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut c_void, len: size_t, flags: c_uint) -> ssize_t {
    if len == 0 {
        return 0;
    }
    // SAFETY: the caller answers for the buffer. Bytes that were never written are only written.
    let bytes = unsafe {
        std::ptr::write_bytes(buffer.cast::<u8>(), 0, len);
        std::slice::from_raw_parts_mut(buffer.cast::<u8>(), len)
    };
    if fill(bytes) {
        return ssize_t::try_from(len).unwrap_or(ssize_t::MAX);
    }
    // SAFETY: the kernel's own call, with the caller's own arguments.
    let taken = unsafe { libc::syscall(libc::SYS_getrandom, buffer, len, flags) };
    taken as ssize_t
}

/// Stands in for libc's `getentropy`.
///
/// # Safety
///
/// `buffer` has to be valid for writes of `len` bytes, as for libc's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getentropy(buffer: *mut c_void, len: size_t) -> c_int {
    // SAFETY: the caller answers for the buffer.
    let taken = unsafe { getrandom(buffer, len, 0) };
    if usize::try_from(taken) == Ok(len) { 0 } else { -1 }
}
