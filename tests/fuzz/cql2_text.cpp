#include "geo/filter/cql2_text.hpp"

#include "geo/error.hpp"
#include "tests/fuzz/targets.hpp"

#include <optional>
#include <string>

void diaban::tests::fuzz::cql2_text(Bytes input) {
    std::string const text(input.begin(), input.end());
    std::optional<geo::filter::Expression> read;
    try {
        read = geo::filter::read_text(text);
    } catch (geo::Error const&) {
        return;
    }
    std::string written;
    try {
        written = geo::filter::to_text(*read);
        require(geo::filter::read_text(written) == *read, "a filter written and read is another");
    } catch (geo::Error const& error) {
        // What is written may be longer than what was read, and so beyond the bound.
        require(error.code() == geo::Code::too_large, "a filter that was written is refused");
    }
}
