#include "geo/error.hpp"
#include "geo/sta/query.hpp"
#include "tests/fuzz/targets.hpp"

#include <string>
#include <vector>

/// One line a part: a path, then options as name=value.
void diaban::tests::fuzz::sta_query(Bytes input) {
    std::string const text(input.begin(), input.end());
    std::string_view rest = text;
    auto const line = [&] {
        auto const end = rest.find('\n');
        auto const part = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        return part;
    };
    auto const path = geo::sta::read_path(line());
    if (!path) return;
    require(!path->steps.empty(), "a path without steps");
    std::vector<geo::sta::Option> options;
    while (!rest.empty()) {
        auto const part = line();
        auto const equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        options.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
    try {
        (void)geo::sta::read_query(path->steps.back().entity, options);
    } catch (geo::Error const&) {
    }
}
