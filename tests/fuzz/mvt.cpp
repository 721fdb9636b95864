#include "tiles/mvt.hpp"

#include "tests/fuzz/targets.hpp"
#include "tests/support/mvt_reader.hpp"

#include <protozero/exception.hpp>

/// The tests' own reader, and the values that a mirror keeps as a tile holds them.
void diaban::tests::fuzz::mvt(Bytes input) {
    try {
        for (auto const& layer : read_tile(text_of(input)))
            require(!layer.features.empty(), "a layer without features");
    } catch (protozero::exception const&) {
    } catch (std::runtime_error const&) {
    }
    using geo::FieldType;
    for (auto const type : {FieldType::text, FieldType::integer, FieldType::number,
                            FieldType::boolean, FieldType::date, FieldType::timestamp})
        try {
            static_cast<void>(tiles::mvt::decode_value(text_of(input), type));
        } catch (protozero::exception const&) {
        }
}
