//! The binary. Everything is in [`belfry::cli`].

use std::process::ExitCode;

/// A page view allocates and frees large buffers on several threads, which the C library's
/// allocator consolidates each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    belfry::cli::main()
}
