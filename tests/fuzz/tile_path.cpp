#include "geo/error.hpp"
#include "services/api/tile_matrix.hpp"
#include "services/http/router.hpp"
#include "tests/fuzz/targets.hpp"

namespace {

using namespace diaban;
using services::http::Context;
using services::http::Response;

services::http::Router const& router() {
    static auto const made = [] {
        services::http::Router router;
        using services::access::Need;
        router.get(Need::open, "/tiles/{collections}/{z}/{x}/{y}.mvt", {"filter", "datetime"},
                   [](Context const&, std::string const& collections, std::uint32_t z,
                      std::uint32_t x, std::uint32_t y) {
                       tests::fuzz::require(!collections.empty(), "no collection is one");
                       auto const tile = services::api::read_tile_id(z, x, y);
                       tests::fuzz::require(tile.zoom() == z && tile.x() == x && tile.y() == y,
                                            "another tile than was asked for");
                       return Response{};
                   });
        router.get(Need::open, "/collections/{collectionId}/tiles/{set}/{level}/{row}/{column}", {},
                   [](Context const&, std::string const&, std::string const& set,
                      std::uint32_t level, std::uint32_t row, std::uint32_t column) {
                       static_cast<void>(services::api::tile_matrix_set(set));
                       static_cast<void>(services::api::read_tile_id(level, column, row));
                       return Response{};
                   });
        router.get(Need::open, "/files/{rest...}", {"*"},
                   [](Context const&, std::string const&) { return Response{}; });
        return router;
    }();
    return made;
}

} // namespace

/// A path, then what stands behind the question mark.
void diaban::tests::fuzz::tile_path(Bytes input) {
    using namespace services;
    auto const target = text_of(input);
    auto const mark = target.find('?');
    http::Request request;
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    try {
        auto const match = router().find(http::Method::get, request.path);
        auto const query = http::Query::parse(request.query);
        for (auto const& [name, value] : query.all())
            require(http::percent_decode(http::percent_encode(value), false) == value,
                    "a value encoded and decoded is another");
        if (match.route == nullptr) return;
        http::Router::check_parameters(*match.route, query);
        match.route->handler({request, query, http::Language::vi, access::Visitor::nobody(), ""},
                             match.texts);
    } catch (geo::Error const&) {
    }
}
