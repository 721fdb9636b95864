#include "tests/services/starving.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <new>

namespace diaban::tests {

std::atomic<bool> starving{false};

} // namespace diaban::tests

namespace {

bool is_of_long_work() noexcept {
    return ::getpriority(PRIO_PROCESS, 0) > ::getpriority(PRIO_PROCESS, id_t(::getpid()));
}

} // namespace

void* operator new(std::size_t size) {
    if (diaban::tests::starving && is_of_long_work()) throw std::bad_alloc{};
    if (auto* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
