#include "tiles/cut.hpp"

#include "geo/synthetic/parcel_grid.hpp"
#include "tests/support/layers.hpp"
#include "tests/support/mvt_reader.hpp"
#include "tests/support/seed.hpp"
#include "tiles/pyramid/detail.hpp"
#include "tiles/shape.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>
#include <numbers>
#include <random>
#include <set>

using namespace diaban;
using tiles::TileId;

namespace {

geo::Policy const everything = geo::Policy::everything();

std::vector<tests::ReadLayer> cut_and_read(tiles::mirror::Layer const& layer, TileId tile,
                                           geo::Policy const& policy = everything) {
    std::string body;
    tiles::cut(layer, tile, {}, policy, body);
    return tests::read_tile(body);
}

TileId tile_at(double longitude, double latitude, std::uint32_t zoom) {
    auto const at = tiles::to_grid({longitude, latitude});
    auto const shift = 31 - zoom;
    return *TileId::make(zoom, std::uint32_t(at.x) >> shift, std::uint32_t(at.y) >> shift);
}

/// Tiles of one zoom that meet a box of EPSG:4326.
std::vector<TileId> tiles_over(geo::Box const& box, std::uint32_t zoom) {
    auto const first = tile_at(box.min_x, box.max_y, zoom);
    auto const last = tile_at(box.max_x, box.min_y, zoom);
    std::vector<TileId> found;
    for (auto x = first.x(); x <= last.x(); ++x)
        for (auto y = first.y(); y <= last.y(); ++y) found.push_back(*TileId::make(zoom, x, y));
    return found;
}

void require_valid(std::vector<tests::ReadLayer> const& layers) {
    for (auto const& layer : layers)
        for (auto const& feature : layer.features) {
            if (feature.type != 3) continue;
            auto const fault = tests::polygon_fault(feature);
            BOOST_REQUIRE_MESSAGE(fault.empty(), layer.name << " " << feature.id << ": " << fault);
        }
}

std::vector<tests::MadeRow> parcels(std::uint64_t count, geo::Box box) {
    geo::synthetic::ParcelGridPlan plan;
    plan.count = count;
    plan.box = box;
    geo::synthetic::ParcelGrid const grid{plan};
    std::vector<tests::MadeRow> rows;
    for (std::uint64_t i = 0; i < grid.size(); ++i) {
        geo::synthetic::Parcel parcel;
        grid.parcel(i, parcel);
        rows.push_back({std::int64_t(i) + 1, parcel.outline, {parcel.land_use}});
    }
    return rows;
}

geo::Schema parcel_schema() {
    geo::Field land_use;
    land_use.name = "land_use";
    land_use.tile = true;
    return tests::make_schema(geo::GeometryKind::polygon, {land_use});
}

/// A star with a star-shaped hole; both crooked, valid by construction.
geo::Geometry crooked(std::mt19937_64& random, geo::Position centre, double radius,
                      std::size_t size) {
    std::uniform_real_distribution<double> outer{0.55, 1.0};
    std::uniform_real_distribution<double> inner{0.1, 0.45};
    std::vector<geo::Position> exterior;
    std::vector<geo::Position> hole;
    for (std::size_t i = 0; i < size; ++i) {
        double const angle = 2 * std::numbers::pi * double(i) / double(size);
        auto const at = [&](double r) {
            return geo::Position{centre.x + radius * r * std::cos(angle),
                                 centre.y + radius * r * std::sin(angle)};
        };
        exterior.push_back(at(outer(random)));
        hole.push_back(at(inner(random)));
    }
    return tests::make_polygon({exterior, hole});
}

constexpr std::size_t labelled = 40;

/// So many crooked polygons of one name, which is their label.
auto labelled_layer() {
    geo::Field name;
    name.name = "name";
    name.tile = true;
    auto schema = tests::make_schema(geo::GeometryKind::polygon, {name});
    schema.label_field = "name";
    schema.all_zooms = true;
    std::mt19937_64 random{tests::seed()};
    std::vector<tests::MadeRow> rows;
    std::string_view const text = "Cẩm Duệ";
    for (int i = 0; i < int(labelled); ++i)
        rows.push_back({i + 1, crooked(random, {105.0 + 0.02 * i, 18.0}, 0.01, 60), {text}});
    return tests::make_layer(schema, rows);
}

} // namespace

BOOST_AUTO_TEST_SUITE(cut)

BOOST_AUTO_TEST_CASE(a_point_lands_on_its_unit_and_is_repeated_only_in_the_buffer) {
    auto const layer = tests::make_layer(tests::make_schema(geo::GeometryKind::point),
                                         {{7, tests::make_point(105.905, 18.343), {}}});
    auto const home = tile_at(105.905, 18.343, 14);
    auto const layers = cut_and_read(*layer, home);
    BOOST_REQUIRE_EQUAL(layers.size(), 1U);
    BOOST_TEST(layers[0].features.at(0).id == 7U);
    // Web Mercator by its definition (EPSG:3857), in units of the tile.
    double const side = double(1U << 14);
    double const x = (105.905 + 180.0) / 360.0 * side;
    double const y =
        (0.5 - std::asinh(std::tan(18.343 * std::numbers::pi / 180)) / (2 * std::numbers::pi)) *
        side;
    auto const at = layers[0].features[0].paths.at(0).at(0);
    BOOST_TEST(at.x == std::lround((x - home.x()) * 4096));
    BOOST_TEST(at.y == std::lround((y - home.y()) * 4096));
    BOOST_TEST(cut_and_read(*layer, *TileId::make(14, home.x() + 1, home.y())).empty());
}

BOOST_AUTO_TEST_CASE(parcels_are_valid_and_complete_in_every_tile_from_the_native_zoom) {
    auto const rows = parcels(20'000, {105.8, 18.2, 106.0, 18.4});
    auto const layer = tests::make_layer(parcel_schema(), rows);
    BOOST_TEST(layer->size() == rows.size());
    for (auto zoom = layer->native_zoom(); zoom <= 15; ++zoom) {
        std::set<std::uint64_t> ids;
        for (auto const tile : tiles_over({105.8, 18.2, 106.0, 18.4}, zoom)) {
            std::string body;
            tiles::cut(*layer, tile, {}, everything, body);
            BOOST_REQUIRE(body.size() <= 500'000U);
            auto const layers = tests::read_tile(body);
            require_valid(layers);
            for (auto const& read : layers)
                for (auto const& feature : read.features) ids.insert(feature.id);
        }
        BOOST_TEST(ids.size() == rows.size());
    }
}

BOOST_AUTO_TEST_CASE(neighbouring_parcels_neither_gape_nor_overlap_inside_a_tile) {
    auto const layer =
        tests::make_layer(parcel_schema(), parcels(5'000, {105.8, 18.2, 105.9, 18.3}));
    auto const tile = tile_at(105.85, 18.25, 15);
    auto const layers = cut_and_read(*layer, tile);
    std::int64_t area = 0;
    for (auto const& feature : layers.at(0).features)
        for (auto const& ring : feature.paths) area += tests::twice_area(ring);
    // The tile lies wholly inside the coverage, so its parcels tile the buffered square exactly.
    BOOST_TEST(area == 2 * (4096 + 128) * (4096 + 128));
}

BOOST_AUTO_TEST_CASE(crooked_polygons_with_holes_are_valid_at_every_zoom_even_when_they_collapse) {
    std::mt19937_64 random{tests::seed()};
    std::uniform_real_distribution<double> lon{105.0, 106.0};
    std::uniform_real_distribution<double> lat{18.0, 19.0};
    std::vector<tests::MadeRow> rows;
    for (int i = 0; i < 300; ++i) {
        double const radius = std::pow(10.0, -5.0 + 4.0 * double(i) / 300);
        rows.push_back(
            {i + 1,
             crooked(random, {lon(random), lat(random)}, radius, 5 + std::size_t(i) % 200),
             {}});
    }
    auto schema = tests::make_schema(geo::GeometryKind::polygon);
    schema.all_zooms = true;
    auto const layer = tests::make_layer(schema, rows);
    for (std::uint32_t zoom = 0; zoom <= 11; ++zoom) {
        std::set<std::uint64_t> ids;
        for (auto const tile : tiles_over(layer->extent(everything), zoom)) {
            auto const layers = cut_and_read(*layer, tile);
            require_valid(layers);
            for (auto const& read : layers)
                for (auto const& feature : read.features) ids.insert(feature.id);
        }
        BOOST_TEST(ids.size() == rows.size());
    }
    for (std::uint32_t zoom = 12; zoom <= TileId::max_zoom; ++zoom)
        for (auto const& row : rows) {
            auto const p = row.geometry.positions[0];
            require_valid(cut_and_read(*layer, tile_at(p.x, p.y, zoom)));
        }
}

BOOST_AUTO_TEST_CASE(lines_are_cut_into_valid_pieces_at_every_zoom) {
    std::mt19937_64 random{tests::seed()};
    std::normal_distribution<double> step{0, 0.01};
    std::vector<tests::MadeRow> rows;
    for (int i = 0; i < 200; ++i) {
        geo::Position at{105.5 + step(random) * 20, 18.5 + step(random) * 20};
        std::vector<geo::Position> line{at};
        for (int k = 0; k < 50; ++k)
            line.push_back(at = {at.x + step(random), at.y + step(random)});
        rows.push_back({i + 1, tests::make_line(line), {}});
    }
    auto const layer = tests::make_layer(tests::make_schema(geo::GeometryKind::line), rows);
    for (std::uint32_t zoom = 0; zoom <= 12; ++zoom) {
        std::set<std::uint64_t> ids;
        for (auto const tile : tiles_over(layer->extent(everything), zoom))
            for (auto const& read : cut_and_read(*layer, tile))
                for (auto const& feature : read.features) {
                    ids.insert(feature.id);
                    for (auto const& path : feature.paths)
                        for (auto const p : path) {
                            BOOST_REQUIRE(p.x >= -64 && p.x <= 4160);
                            BOOST_REQUIRE(p.y >= -64 && p.y <= 4160);
                        }
                }
        BOOST_TEST(ids.size() == rows.size());
    }
}

BOOST_AUTO_TEST_CASE(what_a_policy_hides_is_in_no_tile) {
    geo::Field open;
    open.name = "open";
    open.tile = true;
    geo::Field closed;
    closed.name = "closed";
    closed.tile = true;
    geo::Field personal;
    personal.name = "owner";
    personal.tile = true;
    personal.personal = true;
    auto const schema = tests::make_schema(geo::GeometryKind::point, {open, closed, personal});
    std::string_view const text = "x";
    auto const row = [&](std::int64_t fid, std::string scope, std::uint8_t sensitivity) {
        return tests::MadeRow{
            fid, tests::make_point(105.9, 18.3), {text, text}, std::move(scope), sensitivity};
    };
    auto const layer =
        tests::make_layer(schema, {row(1, "42", 0), row(2, "42", 3), row(3, "20", 0)});
    auto const tile = tile_at(105.9, 18.3, 14);

    auto const seen = [&](geo::Policy const& policy) {
        std::set<std::uint64_t> ids;
        for (auto const& read : cut_and_read(*layer, tile, policy))
            for (auto const& feature : read.features) {
                ids.insert(feature.id);
                BOOST_TEST(!feature.tags.contains("owner"));
                BOOST_TEST(feature.tags.contains("closed") == policy.sees_field("closed"));
            }
        return ids;
    };
    BOOST_TEST(seen(everything) == (std::set<std::uint64_t>{1, 2, 3}),
               boost::test_tools::per_element());
    BOOST_TEST(seen(geo::Policy::limited({"42"}, 0, {"closed"})) == (std::set<std::uint64_t>{1}),
               boost::test_tools::per_element());
    BOOST_TEST(seen(geo::Policy::limited({"20"}, 9)) == (std::set<std::uint64_t>{3}),
               boost::test_tools::per_element());
    BOOST_TEST(seen(geo::Policy::limited({}, 255)).empty());
    BOOST_TEST(layer->count(geo::Policy::limited({"42"}, 0)).located == 1U);
}

BOOST_AUTO_TEST_CASE(each_label_stands_in_one_tile_inside_its_polygon) {
    auto const layer = labelled_layer();
    std::map<std::uint64_t, int> labels;
    for (auto const tile : tiles_over(layer->extent(everything), 12))
        for (auto const& read : cut_and_read(*layer, tile)) {
            if (read.name != "made_label") continue;
            for (auto const& feature : read.features) {
                ++labels[feature.id];
                BOOST_TEST(std::get<std::string>(feature.tags.at("name")) == "Cẩm Duệ");
            }
        }
    BOOST_TEST(labels.size() == labelled);
    for (auto const& [id, count] : labels) BOOST_TEST(count == 1);
}

BOOST_AUTO_TEST_CASE(a_label_stands_at_the_same_place_in_the_tiles_of_every_zoom) {
    auto const layer = labelled_layer();
    auto const& run = layer->base();
    for (std::uint32_t zoom = 0; zoom <= 14; ++zoom) {
        double const unit = double(1U << (TileId::max_zoom - zoom));
        std::size_t labels = 0;
        for (auto const tile : tiles_over(layer->extent(everything), zoom))
            for (auto const& read : cut_and_read(*layer, tile)) {
                if (read.name != "made_label") continue;
                for (auto const& feature : read.features) {
                    auto const place = run.labels[*run.find(std::int64_t(feature.id))];
                    auto const& p = feature.paths.at(0).at(0);
                    BOOST_TEST(std::abs((tile.x() * 4096.0 + double(p.x)) * unit - place.x) <=
                               unit);
                    BOOST_TEST(std::abs((tile.y() * 4096.0 + double(p.y)) * unit - place.y) <=
                               unit);
                    ++labels;
                }
            }
        BOOST_TEST(labels == labelled);
    }
}

BOOST_AUTO_TEST_CASE(a_tile_is_the_same_bytes_however_its_rows_arrived) {
    auto rows = parcels(3'000, {105.8, 18.2, 105.85, 18.25});
    auto const one = tests::make_layer(parcel_schema(), rows, 1);
    std::mt19937_64 random{1};
    std::shuffle(rows.begin(), rows.end(), random);
    auto const other = tests::make_layer(parcel_schema(), rows, 3);
    BOOST_TEST(one->native_zoom() == other->native_zoom());
    for (auto const tile : tiles_over(one->extent(everything), 15)) {
        auto const first = cut_and_read(*one, tile);
        auto const second = cut_and_read(*other, tile);
        BOOST_REQUIRE_EQUAL(first.size(), second.size());
        for (std::size_t i = 0; i < first.size(); ++i)
            for (std::size_t f = 0; f < first[i].features.size(); ++f) {
                BOOST_REQUIRE_EQUAL(first[i].features[f].id, second[i].features.at(f).id);
                BOOST_REQUIRE(first[i].features[f].commands == second[i].features[f].commands);
                BOOST_REQUIRE(first[i].features[f].tags == second[i].features[f].tags);
            }
    }
}

BOOST_AUTO_TEST_CASE(
    outlines_lose_points_that_do_not_show_and_none_from_the_zoom_of_full_detail_up) {
    // Pebbles of sixty-four corners, some of which go where three in a row make less than an eighth
    // of a pixel, whatever the native zoom.
    std::vector<tests::MadeRow> rows;
    for (int i = 0; i < 400; ++i) {
        geo::Position const middle{105.8 + (i % 20) * 0.01, 18.2 + i / 20 * 0.01};
        std::vector<geo::Position> ring;
        for (int corner = 0; corner < 64; ++corner) {
            double const angle = 2 * std::numbers::pi * corner / 64;
            ring.push_back(
                {middle.x + 0.004 * std::cos(angle), middle.y + 0.004 * std::sin(angle)});
        }
        rows.push_back({i + 1, tests::make_polygon({ring}), {}});
    }
    auto full = tests::make_schema(geo::GeometryKind::polygon);
    auto thinned = full;
    thinned.all_zooms = true;
    constexpr std::uint32_t native = 12;
    auto const layer_of = [&](geo::Schema const& schema) {
        std::vector<tiles::mirror::LayerBuilder> parts;
        parts.emplace_back(schema);
        std::vector<std::byte> wkb;
        for (auto const& row : rows) {
            wkb.clear();
            geo::codec::append_ewkb(wkb, row.geometry);
            parts.back().append({row.fid, "", 0, wkb, {}});
        }
        return tiles::mirror::Layer::build(std::move(parts), 2, native);
    };
    auto const whole = layer_of(full);
    auto const fewer = layer_of(thinned);
    auto const corners = whole->base().points_of(0).first(3);
    auto const triangle = std::abs(double(tiles::twice_area(corners))) / 2; // square steps
    for (std::uint32_t zoom = 6; zoom <= tiles::pyramid::full_detail_zoom; ++zoom) {
        if (zoom > 14 && zoom < tiles::pyramid::full_detail_zoom) continue;
        std::size_t whole_points = 0;
        std::size_t fewer_points = 0;
        double whole_area = 0;
        double fewer_area = 0;
        auto const add = [](tests::ReadFeature const& feature, std::size_t& points, double& area) {
            points += feature.commands.size();
            for (auto const& path : feature.paths) area += double(tests::twice_area(path));
        };
        std::size_t features = 0;
        for (auto const tile : tiles_over(whole->extent(everything), zoom)) {
            auto const all = cut_and_read(*whole, tile);
            auto const some = cut_and_read(*fewer, tile);
            require_valid(some);
            for (auto const& read : all)
                for (auto const& feature : read.features) add(feature, whole_points, whole_area);
            for (auto const& read : some)
                for (auto const& feature : read.features) {
                    add(feature, fewer_points, fewer_area);
                    ++features;
                }
        }
        BOOST_TEST(features >= rows.size());
        auto const lost = whole_area - fewer_area; // areas and points are doubled
        BOOST_TEST(std::abs(lost) <=
                   tiles::pyramid::least_triangle * double(whole_points - fewer_points));
        double const unit = double(1U << (TileId::max_zoom - zoom));
        if (triangle < tiles::pyramid::least_triangle * unit * unit)
            BOOST_TEST(fewer_points < whole_points);
        else
            BOOST_TEST(fewer_points == whole_points);
    }
}

BOOST_AUTO_TEST_CASE(no_tile_from_the_native_zoom_up_exceeds_500_KB_and_one_below_it_does) {
    auto const layer =
        tests::make_layer(parcel_schema(), parcels(60'000, {105.8, 18.2, 106.0, 18.4}));
    auto const fullest = [&](std::uint32_t zoom) {
        std::size_t most = 0;
        for (auto const tile : tiles_over(layer->extent(everything), zoom)) {
            std::string body;
            tiles::cut(*layer, tile, {}, everything, body);
            most = std::max(most, body.size());
        }
        return most;
    };
    auto const native = layer->native_zoom();
    BOOST_TEST_MESSAGE("native zoom " << native);
    BOOST_TEST(fullest(native - 1) > 500'000U);
    for (auto zoom = native; zoom < native + 3; ++zoom) BOOST_TEST(fullest(zoom) <= 500'000U);
}

BOOST_AUTO_TEST_SUITE_END()
