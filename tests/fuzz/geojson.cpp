#include "geo/codec/geojson.hpp"

#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"

#include <string>

void diaban::tests::fuzz::geojson(Bytes input) {
    std::string const text(input.begin(), input.end());
    std::string once;
    try {
        geo::codec::append_geojson(once, geo::codec::read_geojson(text));
    } catch (geo::Error const&) {
        return;
    }
    std::string twice;
    geo::codec::append_geojson(twice, geo::codec::read_geojson(once));
    require(once == twice, "a geometry written and read is another");
}
