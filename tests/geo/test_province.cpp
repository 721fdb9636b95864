#include "geo/error.hpp"
#include "geo/ops/label.hpp"
#include "geo/ops/measure.hpp"
#include "geo/ops/validate.hpp"
#include "geo/synthetic/blocks.hpp"
#include "geo/synthetic/parcel_map.hpp"
#include "geo/synthetic/territory.hpp"
#include "geo/synthetic/town.hpp"
#include "tests/geo/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace diaban;
using geo::Geometry;
using geo::Position;
namespace synthetic = geo::synthetic;

Geometry line(test::Ring const& path) {
    Geometry result;
    result.kind = geo::GeometryKind::line;
    result.srid = 4326;
    result.positions = path;
    result.path_ends = {static_cast<std::uint32_t>(path.size())};
    return result;
}

/// Two communes with crooked borders beside each other, of some 130 km² each.
synthetic::Ground ground() {
    test::Ring const west{{105.8, 18.3}, {105.85, 18.29}, {105.9, 18.3}, {105.91, 18.35},
                          {105.9, 18.4}, {105.83, 18.42}, {105.8, 18.4}, {105.8, 18.3}};
    test::Ring const east{{105.9, 18.3}, {106, 18.31},    {106.01, 18.39},
                          {105.9, 18.4}, {105.91, 18.35}, {105.9, 18.3}};
    return {{{"00001", "Tây", "Xã Tây", "xa", test::polygon({west})},
             {"00002", "Đông", "Phường Đông", "phuong", test::polygon({east})}},
            line({{105.79, 18.33}, {105.9, 18.36}, {106.01, 18.35}}),
            line({{106.03, 18.25}, {106.03, 18.45}})};
}

using Segment = std::pair<std::pair<double, double>, std::pair<double, double>>;

Segment segment(Position a, Position b) {
    std::pair const p{a.x, a.y};
    std::pair const q{b.x, b.y};
    return p < q ? Segment{p, q} : Segment{q, p};
}

/// All parcels of a map, as they were handed out.
std::vector<synthetic::LandParcel> parcels_of(synthetic::ParcelMap const& map) {
    std::vector<synthetic::LandParcel> parcels;
    map.for_each([&](auto const& parcel) { parcels.push_back(parcel); });
    return parcels;
}

std::map<Segment, std::vector<std::size_t>>
owners_of_segments(std::vector<synthetic::LandParcel> const& parcels) {
    std::map<Segment, std::vector<std::size_t>> owners;
    for (std::size_t i = 0; i < parcels.size(); ++i) {
        auto const ring = parcels[i].outline.path(0);
        for (std::size_t k = 1; k < ring.size(); ++k)
            owners[segment(ring[k - 1], ring[k])].push_back(i);
    }
    return owners;
}

struct Made {
    explicit Made(std::uint64_t seed, std::uint64_t parcels = 12'000)
        : land{ground(), seed}, map{land, synthetic::plan_blocks(land, parcels, seed), seed} {}
    synthetic::Landscape land;
    synthetic::ParcelMap map;
};

/// A coast from south to north with a bay and a spit.
Geometry jagged_coast(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    std::uniform_real_distribution<double> rough{-0.002, 0.002};
    test::Ring path;
    for (int i = 0; i <= 1'000; ++i) {
        double const t = i / 1'000.0;
        double const bay = 0.05 * std::exp(-std::pow((t - 0.4) / 0.02, 2));
        path.push_back({106.5 - 0.75 * t - bay + rough(random), 17.85 + t});
    }
    return line(path);
}

synthetic::Unit official_list(std::size_t districts, std::size_t communes) {
    synthetic::Unit province{"42", "Tỉnh Hà Tĩnh", {}};
    for (std::size_t i = 0; i < districts; ++i) {
        synthetic::Unit district{std::to_string(400 + i), "Huyện Mẫu " + std::to_string(i), {}};
        for (std::size_t k = 0; k < communes; ++k)
            district.parts.push_back(
                {std::to_string(18'000 + i * 100 + k), "Xã Mẫu " + std::to_string(k), {}});
        province.parts.push_back(district);
    }
    province.parts.push_back({"499", "Huyện không có xã", {}});
    return province;
}

} // namespace

BOOST_AUTO_TEST_SUITE(province)

BOOST_AUTO_TEST_CASE(cuts_tile_the_whole_into_exactly_as_many_pieces) {
    std::mt19937_64 random{tests::seed()};
    for (int i = 0; i < 300; ++i) {
        auto const pieces = static_cast<std::uint32_t>(1 + random() % 400);
        synthetic::Rect const whole{128, 256, 256 + static_cast<int>(random() % 512), 512};
        std::vector<synthetic::Rect> rects;
        synthetic::cut(whole, pieces, random(), rects);
        BOOST_REQUIRE(rects.size() == pieces);
        std::int64_t area = 0;
        for (auto const& r : rects) {
            BOOST_REQUIRE(r.u1 - r.u0 >= 3);
            BOOST_REQUIRE(r.v1 - r.v0 >= 3);
            area += std::int64_t{r.u1 - r.u0} * (r.v1 - r.v0);
        }
        BOOST_REQUIRE(area == std::int64_t{whole.u1 - whole.u0} * (whole.v1 - whole.v0));
    }
}

BOOST_AUTO_TEST_CASE(parcels_are_valid_lie_in_their_commune_and_share_every_vertex_between_them) {
    Made const made{tests::seed()};
    auto const parcels = parcels_of(made.map);
    BOOST_TEST(parcels.size() == 12'000u);
    for (auto const& parcel : parcels) {
        BOOST_REQUIRE(geo::ops::validate(parcel.outline).valid);
        BOOST_REQUIRE(geo::ops::planar_ring_area(parcel.outline.path(0)) > 0);
        auto const& commune = made.land.communes()[parcel.commune].outline;
        for (auto const& p : parcel.outline.positions)
            BOOST_REQUIRE(geo::ops::signed_distance(commune, p) > 0);
    }
    // A segment belongs to one parcel or to two; a vertex of one parcel never lies on the side of
    // another without being its vertex too, or else some segment would have a partner in part only.
    double area = 0;
    for (auto const& parcel : parcels) area += geo::ops::planar_ring_area(parcel.outline.path(0));
    double rim = 0;
    for (auto const& [ends, owners] : owners_of_segments(parcels)) {
        BOOST_REQUIRE(owners.size() <= 2);
        // Green's theorem: what the rims enclose is what the parcels cover, if none overlap.
        if (owners.size() == 1) {
            auto const ring = parcels[owners[0]].outline.path(0);
            for (std::size_t k = 1; k < ring.size(); ++k)
                if (segment(ring[k - 1], ring[k]) == ends)
                    rim += ((ring[k - 1].x - 105.8) * (ring[k].y - 18.3) -
                            (ring[k].x - 105.8) * (ring[k - 1].y - 18.3)) /
                           2;
        }
    }
    BOOST_TEST(std::abs(area - rim) < 1e-9 * area);
}

BOOST_AUTO_TEST_CASE(land_use_lies_in_patches_of_50_to_500_parcels) {
    Made const made{tests::seed()};
    auto const parcels = parcels_of(made.map);
    std::vector<std::size_t> root(parcels.size());
    std::iota(root.begin(), root.end(), std::size_t{0});
    auto const find = [&](std::size_t i) {
        while (root[i] != i) i = root[i] = root[root[i]];
        return i;
    };
    for (auto const& [_, owners] : owners_of_segments(parcels))
        if (owners.size() == 2 && parcels[owners[0]].land_use == parcels[owners[1]].land_use)
            root[find(owners[0])] = find(owners[1]);
    std::map<std::size_t, std::size_t> sizes;
    std::set<std::string_view> uses;
    for (std::size_t i = 0; i < parcels.size(); ++i) {
        ++sizes[find(i)];
        uses.insert(parcels[i].land_use);
    }
    for (auto const& [_, size] : sizes) {
        BOOST_REQUIRE(size >= 50);
        BOOST_REQUIRE(size <= 500);
    }
    BOOST_TEST(uses.size() > 8u);
}

BOOST_AUTO_TEST_CASE(registers_are_plausible_unique_and_say_that_holders_do_not_exist) {
    Made const made{tests::seed()};
    std::set<std::tuple<std::uint32_t, std::int64_t, std::int64_t>> names;
    std::set<std::string> hashes;
    std::size_t differing = 0;
    std::size_t count = 0;
    made.map.for_each([&](synthetic::LandParcel const& p) {
        ++count;
        BOOST_REQUIRE(names.insert({p.commune, p.sheet, p.number}).second);
        BOOST_REQUIRE(hashes.insert(p.geohash).second);
        BOOST_REQUIRE(p.geohash.size() == 12u);
        BOOST_REQUIRE(std::abs(p.area_m2 - geo::ops::geodesic_area(p.outline)) < 0.051);
        BOOST_REQUIRE(std::abs(p.legal_area_m2 - p.area_m2) <= 0.05 * p.area_m2 + 0.1);
        BOOST_REQUIRE(p.owner_name.find("không có thật") != std::string::npos);
        differing += p.legal_area_m2 != p.area_m2 ? 1 : 0;
    });
    double const share = static_cast<double>(differing) / static_cast<double>(count);
    BOOST_TEST(share > 0.02);
    BOOST_TEST(share < 0.04);
}

BOOST_AUTO_TEST_CASE(exactly_as_many_parcels_as_asked_or_a_word_on_how_many_fit) {
    synthetic::Landscape const land{ground(), 3};
    for (std::uint64_t const wanted : {1U, 10U, 49U, 50U, 51U, 99U, 101U, 777U, 5'000U, 60'001U}) {
        std::uint64_t sum = 0;
        for (auto const& block : synthetic::plan_blocks(land, wanted, 3)) sum += block.parcels;
        BOOST_TEST(sum == wanted);
    }
    for (std::uint64_t const wanted : {0ULL, 50'000'000ULL})
        BOOST_CHECK_EXCEPTION(synthetic::plan_blocks(land, wanted, 3), geo::Error,
                              [](auto const& e) { return e.type() == "bad-parameter"; });
}

BOOST_AUTO_TEST_CASE(streets_run_along_parcels_vertex_by_vertex) {
    Made const made{tests::seed()};
    auto const owners = owners_of_segments(parcels_of(made.map));
    auto const streets = synthetic::make_streets(made.map, 5);
    BOOST_TEST(streets.size() > 10u);
    std::set<std::string_view> kinds;
    for (auto const& street : streets) {
        kinds.insert(street.kind);
        BOOST_TEST(!street.name.empty());
        auto const& path = street.line.positions;
        BOOST_REQUIRE(path.size() >= 2);
        for (std::size_t k = 1; k < path.size(); ++k)
            BOOST_REQUIRE(owners.contains(segment(path[k - 1], path[k])));
    }
    BOOST_TEST(kinds.size() == 3u);
}

BOOST_AUTO_TEST_CASE(towns_stand_on_parcels_and_their_numbers_are_sane) {
    std::uint64_t const seed = tests::seed();
    Made const made{seed};
    auto const people = synthetic::people(made.land, seed);
    BOOST_TEST(people.size() == 2u);
    auto const facilities = synthetic::make_facilities(made.map, people, seed);
    std::map<std::string_view, int> kinds;
    for (auto const& f : facilities) {
        ++kinds[f.kind];
        BOOST_TEST(f.capacity > 0);
        auto const& outline = made.land.communes()[f.commune].outline;
        BOOST_TEST(geo::ops::signed_distance(outline, f.at) > 0);
    }
    for (auto const* kind : {"school", "clinic", "shelter", "police", "office", "market"})
        BOOST_TEST(kinds[kind] >= 2, kind);

    auto const streets = synthetic::make_streets(made.map, seed);
    auto const cameras = synthetic::make_cameras(made.map, streets, 200, seed);
    BOOST_TEST(cameras.size() == 200u);
    for (auto const& c : cameras) {
        BOOST_TEST((c.azimuth >= 0 && c.azimuth < 360));
        BOOST_TEST((c.field_of_view > 0 && c.field_of_view <= 180));
        BOOST_TEST(c.range_m > 10);
    }
}

BOOST_AUTO_TEST_CASE(reports_lie_in_the_90_days_before_the_reference_time) {
    std::uint64_t const seed = tests::seed();
    Made const made{seed};
    geo::Instant const now{1'759'300'000'000'000};
    auto const reports = synthetic::make_reports(made.map, 3'000, now, seed);
    BOOST_TEST(reports.size() == 3'000u);
    std::set<std::string> codes;
    std::size_t lately = 0;
    for (auto const& r : reports) {
        auto const age = now.microseconds - r.reported_at.microseconds;
        BOOST_REQUIRE(age >= 0);
        BOOST_REQUIRE(age <= 90LL * 86'400'000'000);
        BOOST_REQUIRE(r.due_at.microseconds > r.reported_at.microseconds);
        BOOST_REQUIRE(codes.insert(r.code).second);
        BOOST_REQUIRE(r.reporter_phone.starts_with("0000"));
        lately += age < 30LL * 86'400'000'000 ? 1 : 0;
    }
    BOOST_TEST(lately > 1'500u);
}

BOOST_AUTO_TEST_CASE(the_same_seed_makes_the_same_province_and_another_seed_another) {
    Made const one{11, 3'000};
    Made const same{11, 3'000};
    Made const other{12, 3'000};
    auto const a = parcels_of(one.map);
    auto const b = parcels_of(same.map);
    auto const c = parcels_of(other.map);
    for (std::size_t i = 0; i < a.size(); ++i) {
        BOOST_REQUIRE(a[i].outline == b[i].outline);
        BOOST_REQUIRE(a[i].owner_name == b[i].owner_name);
    }
    BOOST_TEST(!(a.front().outline == c.front().outline));
}

BOOST_AUTO_TEST_CASE(a_territory_tiles_the_strip_and_follows_the_coast_vertex_by_vertex) {
    std::uint64_t const seed = tests::seed();
    Geometry const coast = jagged_coast(seed);
    geo::Box const box{105.1, 17.9, 106.6, 18.8};
    auto const territory = synthetic::make_territory(coast, box, official_list(6, 9), seed);
    BOOST_TEST(territory.units.size() == 1u + 6 + 6 * 9);

    std::map<std::string_view, double> area;
    std::map<Segment, int> owners;
    for (auto const& unit : territory.units) {
        BOOST_REQUIRE(geo::ops::validate(unit.outline).valid);
        area[unit.level] += geo::ops::planar_ring_area(unit.outline.path(0));
        BOOST_TEST(unit.province_code == "42");
        if (unit.level != "commune") continue;
        BOOST_TEST(!unit.district_code.empty());
        auto const ring = unit.outline.path(0);
        for (std::size_t k = 1; k < ring.size(); ++k) ++owners[segment(ring[k - 1], ring[k])];
    }
    BOOST_TEST(std::abs(area["commune"] - area["province"]) < 1e-9);
    BOOST_TEST(std::abs(area["district"] - area["province"]) < 1e-9);

    // Where the province ends at the sea, its vertices are those of the coast.
    std::set<std::pair<double, double>> at_sea;
    for (auto const& p : coast.positions) at_sea.insert({p.x, p.y});
    std::size_t shared = 0;
    for (auto const& p : territory.units.front().outline.positions)
        shared += at_sea.contains({p.x, p.y}) ? 1 : 0;
    BOOST_TEST(shared > 600u);
    for (auto const& [_, count] : owners) BOOST_REQUIRE(count <= 2);

    std::map<std::string_view, int> roads;
    for (auto const& road : territory.roads) ++roads[road.kind];
    BOOST_TEST(roads["national"] == 2);
    BOOST_TEST(roads["railway"] == 1);
    BOOST_TEST(roads["provincial"] == 6 * 9 - 1); // a tree
}

BOOST_AUTO_TEST_CASE(a_coast_that_does_not_suit_is_refused) {
    geo::Box const box{105.1, 17.9, 106.6, 18.8};
    auto const units = official_list(2, 3);
    auto const refused = [&](Geometry const& coast) {
        try {
            synthetic::make_territory(coast, box, units, 1);
        } catch (geo::Error const& error) {
            return error.type() == "bad-coast";
        }
        return false;
    };
    BOOST_TEST(refused(line({})));
    BOOST_TEST(refused(line({{100, 10}, {101, 11}})));
    test::Ring across;
    for (int i = 0; i < 500; ++i) across.push_back({105.2 + i * 0.002, 18.3 + i * 1e-5});
    BOOST_TEST(refused(line(across)));
    BOOST_CHECK_EXCEPTION(synthetic::make_territory(jagged_coast(1), box, {"42", "Tỉnh", {}}, 1),
                          geo::Error, [](auto const& e) { return e.type() == "no-communes"; });
}

BOOST_AUTO_TEST_CASE(names_of_units_fall_into_kind_and_name) {
    auto const check = [](char const* full, char const* kind, char const* name) {
        auto const parts = synthetic::parts_of_name(full);
        BOOST_TEST(parts.kind == kind);
        BOOST_TEST(parts.name == name);
    };
    check("Xã Cẩm Duệ", "xa", "Cẩm Duệ");
    check("Thành phố Hà Tĩnh", "thanh_pho", "Hà Tĩnh");
    check("Thị trấn Thiên Cầm", "thi_tran", "Thiên Cầm");
    check("Đặc khu Trường Sa", "dac_khu", "Trường Sa");
    check("Vũ Quang", "", "Vũ Quang");
}

BOOST_AUTO_TEST_SUITE_END()
