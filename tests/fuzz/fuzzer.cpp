#include "tests/fuzz/targets.hpp"

#include <cstddef>

// libFuzzer's entry; the build names the target.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    diaban::tests::fuzz::DIABAN_FUZZ_TARGET({data, size});
    return 0;
}
