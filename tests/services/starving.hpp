#pragma once

#include <atomic>

namespace diaban::tests {

/// While set, threads of long work get no memory from `new`: those that are nicer than the process.
/// A program that has it replaces the allocator.
extern std::atomic<bool> starving;

} // namespace diaban::tests
