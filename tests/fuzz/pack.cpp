#include "data/packs/returned_pack.hpp"
#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"

void diaban::tests::fuzz::pack(Bytes input) {
    try {
        auto const read = data::packs::read_returned_pack(text_of(input));
        require(!read.id.empty(), "a pack without a name");
        for (auto const& one : read.cases)
            require(!one.at || (one.at->x >= -180 && one.at->x <= 180), "a place off the world");
    } catch (geo::Error const&) {
    }
}
