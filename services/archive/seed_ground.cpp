#include "services/archive/seed_ground.hpp"

#include "data/postgis/collections.hpp"
#include "data/postgis/pool.hpp"
#include "geo/error.hpp"
#include "services/domain/drawn_tile.hpp"
#include "services/domain/loader.hpp"
#include "tiles/archive/contents.hpp"
#include "tiles/pyramid/layer_rows.hpp"

#include <utility>

namespace diaban::services::archive {

namespace {

using domain::View;

template <typename Value>
std::string_view bytes_of(std::span<Value const> values) {
    return {reinterpret_cast<char const*>(values.data()), values.size_bytes()};
}

std::string_view bytes_of(std::string_view text) {
    return text;
}

/// Hashes of parts, one after another.
class Chain {
public:
    template <typename Part>
    void add(Part const& part) {
        add_number(tiles::archive::hash_of(bytes_of(part)));
    }
    void add_number(std::uint64_t number) {
        std::uint64_t const both[] = {m_state, number};
        m_state = tiles::archive::hash_of(bytes_of(std::span<std::uint64_t const>{both}));
    }
    [[nodiscard]] std::uint64_t state() const noexcept { return m_state; }

private:
    std::uint64_t m_state = 0;
};

void add_run(Chain& chain, tiles::mirror::Run const& run) {
    chain.add(run.fids);
    chain.add(run.points);
    chain.add(run.path_begin);
    chain.add(run.point_begin);
    chain.add(run.periods);
    for (auto const place : run.classes) {
        auto const& one = run.class_table[place];
        chain.add(std::string_view{one.scope});
        chain.add_number(one.sensitivity);
    }
    // How values are numbered hangs on the order in which they were read.
    for (auto const& column : run.columns) {
        chain.add(std::string_view{column.field->name});
        std::vector<std::uint64_t> hashes(column.places.size()); // code 0 is null
        for (std::size_t code = 1; code < hashes.size(); ++code)
            hashes[code] = tiles::archive::hash_of(run.tile_values[column.places[code]]);
        std::vector<std::uint64_t> rows;
        rows.reserve(column.codes.size());
        for (auto const code : column.codes) rows.push_back(hashes[code]);
        chain.add(std::span<std::uint64_t const>{rows});
    }
}

} // namespace

SeedGround load_ground(std::string const& database, std::vector<std::string> ids,
                       access::Rights rights, unsigned threads) {
    SeedGround ground{{}, std::move(ids), std::move(rights), {}};
    ground.picture.registry_read = true;
    data::postgis::Pool pool{{.uri = database, .role = data::postgis::Role::feed, .size = 1}};
    data::postgis::CopyLine line{database};
    for (auto const& id : ground.ids) {
        static_cast<void>(domain::read_policy(ground.rights, id));
        auto view = std::make_shared<View>();
        view->collection = data::postgis::Collections{pool}.get(id);
        if (!view->has_geometry())
            throw geo::Error{geo::Code::not_found, "no-tiles", {{"collection", id}}};
        view->layer = domain::copy_collection(line, view->collection, threads).layer;
        ground.picture.views.push_back(std::move(view));
    }
    return ground;
}

void merge_ground(SeedGround& ground, geo::Instant at, unsigned threads) {
    ground.at = at;
    for (auto& view : ground.picture.views) {
        if (!view->merges()) continue;
        auto merged = std::make_shared<View>(*view);
        merged->merged = std::make_shared<tiles::pyramid::LayerRows const>(view->layer, nullptr,
                                                                           at.microseconds);
        merged->pyramid = tiles::pyramid::Pyramid::build(
            tiles::pyramid::plan_of(view->layer->schema(), view->layer->native_zoom()),
            merged->merged->keys(), *merged->merged, threads);
        view = std::move(merged);
    }
}

std::uint64_t state_of(View const& view) {
    Chain chain;
    chain.add(std::string_view{view.id()});
    chain.add_number(static_cast<std::uint64_t>(view.collection.schema.version));
    chain.add_number(view.layer->native_zoom());
    for (auto const& live : view.layer->runs()) add_run(chain, *live.run);
    return chain.state();
}

} // namespace diaban::services::archive
