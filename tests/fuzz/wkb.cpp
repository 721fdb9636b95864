#include "geo/codec/wkb.hpp"

#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"

#include <vector>

void diaban::tests::fuzz::wkb(Bytes input) {
    geo::Geometry read;
    try {
        geo::codec::read_wkb(std::as_bytes(input), read);
    } catch (geo::Error const&) {
        return;
    }
    // Written bytes are compared, not positions: they may be no numbers.
    std::vector<std::byte> once;
    std::vector<std::byte> twice;
    geo::codec::append_ewkb(once, read);
    geo::Geometry again;
    geo::codec::read_wkb(once, again);
    geo::codec::append_ewkb(twice, again);
    require(once == twice, "a geometry written and read is another");
}
