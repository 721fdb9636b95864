// A file of parcels made into every tile of z0 to z14, gzipped, in a folder: how long, how large,
// and how true the drawn areas are; beside the tiles that another program made of the same file.
// Prints lines of the table of ./run bench.

#include "data/gdal/vector_source.hpp"
#include "services/http/content_coding.hpp"
#include "tests/bench/parcel_schema.hpp"
#include "tests/bench/table.hpp"
#include "tests/support/drawn_area.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tiles/cut.hpp"
#include "tiles/mvt.hpp"
#include "tiles/pyramid/layer_rows.hpp"
#include "tiles/pyramid/pyramid.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

using namespace diaban;
using tiles::TileId;

namespace {

constexpr std::uint32_t last_zoom = 14;
constexpr std::uint32_t first_true_zoom = 6; // areas are compared from here …
constexpr std::uint32_t last_true_zoom = 11; // … to here

struct Held {
    std::shared_ptr<tiles::mirror::Layer const> layer;
    std::shared_ptr<tiles::pyramid::Pyramid const> pyramid;
};

Held read(std::filesystem::path const& file, unsigned threads) {
    auto const schema = bench::parcel_schema({{"sheet", geo::FieldType::integer},
                                              {"parcel_number", geo::FieldType::integer},
                                              {"land_use", geo::FieldType::text}});
    auto source = data::gdal::VectorSource::open(file);
    source.select(std::array<std::size_t, 3>{0, 1, 2}); // as they were written
    std::vector<tiles::mirror::LayerBuilder> parts;
    parts.emplace_back(schema);
    data::gdal::RowBatch batch;
    std::int64_t fid = 0;
    while (source.read(batch))
        for (std::size_t i = 0; i < batch.size(); ++i)
            parts[0].append({++fid, "", 0, batch.row(i).wkb, batch.values(i)});
    Held held;
    held.layer = tiles::mirror::Layer::build(std::move(parts), threads);
    tiles::pyramid::LayerRows const rows{held.layer, nullptr};
    held.pyramid = tiles::pyramid::Pyramid::build(
        tiles::pyramid::plan_of(schema, held.layer->native_zoom()), rows.keys(), rows, threads);
    return held;
}

/// The tiles of a zoom that rows' boxes meet.
std::vector<TileId> tiles_of(tiles::mirror::Run const& run, std::uint32_t zoom) {
    std::unordered_set<std::uint64_t> numbers;
    auto const at = [&](std::int32_t v) {
        return zoom == 0 ? 0 : std::uint64_t(std::uint32_t(v) >> (31 - zoom));
    };
    for (auto const& box : run.boxes)
        for (auto x = at(box.min_x); x <= at(box.max_x); ++x)
            for (auto y = at(box.min_y); y <= at(box.max_y); ++y) numbers.insert(x << 32U | y);
    std::vector<TileId> tiles;
    for (auto const number : numbers)
        tiles.push_back(
            *TileId::make(zoom, std::uint32_t(number >> 32U), std::uint32_t(number & UINT32_MAX)));
    return tiles;
}

std::string path_in(std::string const& folder, TileId tile) {
    return fmt::format("{}/{}/{}/{}.pbf", folder, tile.zoom(), tile.x(), tile.y());
}

/// Makes and keeps every tile; its bytes, gzipped, in all.
std::size_t seed(Held const& held, std::string const& folder, unsigned threads) {
    std::vector<TileId> tiles;
    for (std::uint32_t zoom = 0; zoom <= last_zoom; ++zoom)
        for (auto const tile : tiles_of(held.layer->base(), zoom)) {
            tiles.push_back(tile);
            std::filesystem::create_directories(fmt::format("{}/{}/{}", folder, zoom, tile.x()));
        }
    std::atomic<std::size_t> next = 0;
    std::atomic<std::size_t> bytes = 0;
    auto const work = [&] {
        auto const everything = geo::Policy::everything();
        for (auto i = next++; i < tiles.size(); i = next++) {
            std::string body;
            if (tiles[i].zoom() < held.layer->native_zoom())
                held.pyramid->cut(tiles[i], {}, everything, body);
            else
                tiles::cut(*held.layer, tiles[i], {}, everything, body);
            auto const coded = services::http::encode(body, services::http::Encoding::gzip);
            std::ofstream{path_in(folder, tiles[i]), std::ios::binary} << coded;
            bytes += coded.size();
        }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
    work();
    others.clear();
    return bytes;
}

/// Square tile units by class.
using Areas = std::map<std::string, double>;

/// What the rows cover of each tile of a zoom.
std::map<TileId, Areas> exact_areas(tiles::mirror::Run const& run, std::uint32_t zoom) {
    double const side = double(1U << (31 - zoom));
    double const unit = side / tiles::tile_extent;
    std::map<TileId, Areas> areas;
    auto const& column = run.columns.back(); // land_use
    auto const at = [&](std::int32_t v) { return std::uint32_t(v) >> (31 - zoom); };
    for (std::size_t row = 0; row < run.located(); ++row) {
        auto const text = run.tile_values[column.places[column.codes[row]]];
        auto const value = tiles::mvt::decode_value(text, geo::FieldType::text);
        std::string const name{std::get<std::string_view>(value)};
        auto const& box = run.boxes[row];
        for (auto x = at(box.min_x); x <= at(box.max_x); ++x)
            for (auto y = at(box.min_y); y <= at(box.max_y); ++y)
                areas[*TileId::make(zoom, x, y)][name] +=
                    tests::area_within(run.points_of(row),
                                       {x * side, y * side, (x + 1) * side, (y + 1) * side}) /
                    (unit * unit);
    }
    return areas;
}

Areas drawn_areas(std::string const& body) {
    Areas areas;
    for (auto const& layer : tests::read_tile(body))
        for (auto const& feature : layer.features)
            if (feature.type == 3 && feature.tags.contains("land_use"))
                areas[std::get<std::string>(feature.tags.at("land_use"))] +=
                    tests::drawn_within(feature) * 4096.0 * 4096.0 / layer.extent / layer.extent;
    return areas;
}

/// How much area tiles draw in the wrong class or not at all, or too much, of all there is.
class AreaError {
public:
    void add(Areas const& exact, Areas const& drawn) {
        for (auto const& [name, area] : exact) {
            auto const at = drawn.find(name);
            m_off += std::abs(area - (at == drawn.end() ? 0 : at->second));
            m_all += area;
        }
    }
    [[nodiscard]] double share() const { return m_all > 0 ? m_off / m_all : 0; }

private:
    double m_off = 0;
    double m_all = 0;
};

/// A file's bytes, empty if it is not there.
std::string bytes_of(std::string const& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    if (file) text << file.rdbuf();
    return std::move(text).str();
}

/// The gzipped size of the tiles in a folder, which are plain there.
std::size_t coded_size(std::string const& folder) {
    std::size_t bytes = 0;
    for (auto const& entry : std::filesystem::recursive_directory_iterator{folder})
        if (entry.path().extension() == ".pbf")
            bytes += services::http::encode(bytes_of(entry.path()), services::http::Encoding::gzip)
                         .size();
    return bytes;
}

void compare_areas(bench::Table& table, Held const& held, std::string const& other,
                   std::string const& other_name) {
    for (auto zoom = first_true_zoom; zoom <= last_true_zoom; ++zoom) {
        if (zoom >= held.layer->native_zoom()) break;
        AreaError ours;
        AreaError theirs;
        for (auto const& [tile, exact] : exact_areas(held.layer->base(), zoom)) {
            std::string body;
            held.pyramid->cut(tile, {}, geo::Policy::everything(), body);
            ours.add(exact, drawn_areas(body));
            if (!other.empty()) theirs.add(exact, drawn_areas(bytes_of(path_in(other, tile))));
        }
        table.line(fmt::format("z{} area drawn wrongly, by tile and class", zoom),
                   100 * ours.share(), 100 * theirs.share(), other_name, "", "%");
    }
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Every tile of a file of parcels, z0 to z14"};
    std::string parcels;
    std::string folder;
    std::string other;
    double other_seconds = 0;
    std::string other_name;
    std::string wanted;
    unsigned threads = 2;
    bool areas = false;
    std::string lines;
    app.add_option("--parcels", parcels, "What diaban generate parcels wrote")->required();
    app.add_option("--output", folder, "Where the tiles go")->required();
    app.add_option("--other", other, "A folder z/x/y.pbf of another program, not compressed");
    app.add_option("--other-seconds", other_seconds, "How long that took it");
    app.add_option("--other-name", other_name, "Who it is, or that it is not there");
    app.add_option("--wanted", wanted, "What is wanted of the time");
    app.add_option("--threads", threads, "Threads")->capture_default_str();
    app.add_flag("--areas", areas, "Hold the drawn areas against the rows'");
    app.add_option("--lines", lines, "A file that the lines of the table are added to");
    CLI11_PARSE(app, argc, argv);

    bench::Table table{lines};
    Held held;
    std::size_t bytes = 0;
    auto const all_threads = [] { return 1e3 * double(std::clock()) / CLOCKS_PER_SEC; };
    auto const time = bench::measured(all_threads, [&] {
        held = read(parcels, threads);
        bytes = seed(held, folder, threads);
    });
    auto const what = fmt::format("of {} parcels, z0 to z14", held.layer->size());
    table.line("all tiles " + what, time.wall / 1000, other_seconds, other_name, wanted, "s");
    table.line("their size, gzipped, " + what, double(bytes) / 1e6,
               other.empty() ? 0 : double(coded_size(other)) / 1e6, other_name, "", "MB");
    fmt::print("  {:.1f} s of processor time on {} threads\n", time.cpu / 1000, threads);
    if (areas) compare_areas(table, held, other, other_name);
    return 0;
}
