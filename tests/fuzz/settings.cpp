#include "geo/error.hpp"
#include "services/config.hpp"
#include "tests/fuzz/scratch_file.hpp"

/// A file of settings.
void diaban::tests::fuzz::settings(Bytes input) {
    static ScratchFile const file{"settings"};
    try {
        auto const read = services::read_settings(file.holding(input),
                                                  [](std::string const&) { return std::nullopt; });
        require(read.edge_threads >= 1 && read.edge_threads <= 255, "a setting beyond its bounds");
    } catch (geo::Error const&) {
    }
}
