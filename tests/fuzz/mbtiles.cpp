#include "data/sqlite/mbtiles.hpp"

#include "geo/error.hpp"
#include "tests/fuzz/scratch_file.hpp"

void diaban::tests::fuzz::mbtiles(Bytes input) {
    static ScratchFile const file{"mbtiles"};
    try {
        data::sqlite::MbtilesReader reader{file.holding(input)};
        auto const zooms = reader.zooms();
        if (zooms) static_cast<void>(reader.tile(zooms->first, 0, 0));
        static_cast<void>(reader.tile(0, 0, 0));
    } catch (geo::Error const&) {
    }
}
