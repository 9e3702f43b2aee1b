//! A packet filter in the kernel: of all that a service sends, only its attempts are queued for us.

use std::io;

use rustix::fd::{AsRawFd, OwnedFd};

use super::sniffer::{IPV6_HEADER, TCP, UDP};

/// One instruction of a classic packet filter: `struct sock_filter`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    value: u32,
}

/// `struct sock_fprog`.
#[repr(C)]
struct Program {
    length: u16,
    instructions: *const Instruction,
}

// From linux/bpf_common.h and linux/filter.h.
const LOAD: u16 = 0x30;
const LOAD_INDEXED: u16 = 0x50;
const INDEX_IPV4_HEADER: u16 = 0xb1;
const AND: u16 = 0x54;
const SHIFT_RIGHT: u16 = 0x74;
const JUMP: u16 = 0x05;
const JUMP_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
const PACKET_TYPE: u32 = 0xffff_f004;
const OUTGOING: u32 = 4;

// Offsets from linux/ip.h, linux/ipv6.h and linux/tcp.h.
const IPV4_PROTOCOL: u32 = 9;
const IPV6_PROTOCOL: u32 = 6;
const TCP_FLAGS: u32 = 13;
const SYN: u32 = 0x02;
const SYN_AND_ACK: u32 = 0x12;

const fn step(code: u16, value: u32) -> Instruction {
    branch(code, value, 0, 0)
}

const fn branch(code: u16, value: u32, if_true: u8, if_false: u8) -> Instruction {
    Instruction { code, if_true, if_false, value }
}

/// Passes, cut to `length` bytes, outgoing datagrams and outgoing SYNs without ACK. Jumps count the instructions they skip.
///
/// The loopback shows every packet twice. The outgoing copy is made inside the sender's system call, the incoming one some time later.
const fn program(length: u16) -> [Instruction; 20] {
    [
        step(LOAD, PACKET_TYPE),
        branch(JUMP_EQUAL, OUTGOING, 0, 17),
        step(LOAD, 0),
        step(SHIFT_RIGHT, 4),
        branch(JUMP_EQUAL, 6, 7, 0),
        branch(JUMP_EQUAL, 4, 0, 13),
        // 6: IPv4, whose header says how long it is.
        step(LOAD, IPV4_PROTOCOL),
        branch(JUMP_EQUAL, UDP as u32, 10, 0),
        branch(JUMP_EQUAL, TCP as u32, 0, 10),
        step(INDEX_IPV4_HEADER, 0),
        step(LOAD_INDEXED, TCP_FLAGS),
        step(JUMP, 4),
        // 12: IPv6.
        step(LOAD, IPV6_PROTOCOL),
        branch(JUMP_EQUAL, UDP as u32, 4, 0),
        branch(JUMP_EQUAL, TCP as u32, 0, 4),
        step(LOAD, IPV6_HEADER as u32 + TCP_FLAGS),
        // 16: the flags of TCP.
        step(AND, SYN_AND_ACK),
        branch(JUMP_EQUAL, SYN, 0, 1),
        // 18: pass; 19: drop.
        step(RETURN, length as u32),
        step(RETURN, 0),
    ]
}

// The C library's own; rustix has no form of it that takes a filter.
unsafe extern "C" {
    fn setsockopt(socket: i32, level: i32, option: i32, value: *const Program, length: u32) -> i32;
}

const SOL_SOCKET: i32 = 1;
const SO_ATTACH_FILTER: i32 = 26;

/// Lets a packet socket (of the kind without link headers) queue attempts only, each cut to `length` bytes.
pub(super) fn attempts_only(socket: &OwnedFd, length: u16) -> io::Result<()> {
    let instructions = program(length);
    let program = Program {
        length: u16::try_from(instructions.len()).map_err(io::Error::other)?,
        instructions: instructions.as_ptr(),
    };
    let size = u32::try_from(size_of::<Program>()).map_err(io::Error::other)?;
    // SAFETY: both structures live through the call, have the kernel's layout and true lengths; the kernel copies and checks them.
    let answer = unsafe { setsockopt(socket.as_raw_fd(), SOL_SOCKET, SO_ATTACH_FILTER, &raw const program, size) };
    if answer == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
