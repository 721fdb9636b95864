#include "geo/filter/cql2_json.hpp"

#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"

#include <optional>
#include <string>

void diaban::tests::fuzz::cql2_json(Bytes input) {
    std::string const text(input.begin(), input.end());
    std::optional<geo::filter::Expression> read;
    try {
        read = geo::filter::read_json(text);
    } catch (geo::Error const&) {
        return;
    }
    try {
        require(geo::filter::read_json(geo::filter::to_json(*read)) == *read,
                "a filter written and read is another");
    } catch (geo::Error const& error) {
        // What is written may be longer than what was read, and so beyond the bound.
        require(error.code() == geo::Code::too_large, "a filter that was written is refused");
    }
}
