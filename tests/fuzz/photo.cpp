#include "data/gdal/photo.hpp"

#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"

#include <cmath>

void diaban::tests::fuzz::photo(Bytes input) {
    try {
        auto const head = data::gdal::read_photo(text_of(input));
        require(!head.position ||
                    (std::abs(head.position->x) <= 180 && std::abs(head.position->y) <= 90),
                "a photo from beyond the world");
    } catch (geo::Error const&) {
    }
}
