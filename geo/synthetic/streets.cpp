#include "geo/synthetic/streets.hpp"

#include "geo/synthetic/random.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

namespace diaban::geo::synthetic {

namespace {

constexpr std::int32_t longest = 10;       // squares of 360 m
constexpr std::uint64_t naming = 500;      // purpose of the hashed numbers
constexpr std::uint32_t none = 0xffffffff; // no street yet

/// Persons after whom streets are named all over the country.
constexpr std::array<std::string_view, 40> names{"Nguyễn Du",
                                                 "Trần Phú",
                                                 "Lê Duẩn",
                                                 "Hà Huy Tập",
                                                 "Phan Đình Phùng",
                                                 "Nguyễn Công Trứ",
                                                 "Xuân Diệu",
                                                 "Nguyễn Trãi",
                                                 "Lê Lợi",
                                                 "Quang Trung",
                                                 "Hai Bà Trưng",
                                                 "Lý Tự Trọng",
                                                 "Phan Bội Châu",
                                                 "Võ Nguyên Giáp",
                                                 "Nguyễn Huệ",
                                                 "Trần Hưng Đạo",
                                                 "Lý Thường Kiệt",
                                                 "Ngô Quyền",
                                                 "Đinh Tiên Hoàng",
                                                 "Nguyễn Thị Minh Khai",
                                                 "Lê Hồng Phong",
                                                 "Hoàng Hoa Thám",
                                                 "Phan Chu Trinh",
                                                 "Huỳnh Thúc Kháng",
                                                 "Nguyễn Văn Cừ",
                                                 "Tôn Đức Thắng",
                                                 "Phạm Ngũ Lão",
                                                 "Bà Triệu",
                                                 "Lê Thánh Tông",
                                                 "Mai Thúc Loan",
                                                 "Nguyễn Biểu",
                                                 "Đặng Dung",
                                                 "Lê Hữu Trác",
                                                 "Nguyễn Chí Thanh",
                                                 "Trường Chinh",
                                                 "Hồ Xuân Hương",
                                                 "Nguyễn Đình Chiểu",
                                                 "Lương Thế Vinh",
                                                 "Chu Văn An",
                                                 "Yết Kiêu"};

/// A side of a smallest square of blocks: on lattice line `line`, from `at` to `at` + 1.
struct Side {
    bool across;
    std::int32_t line;
    std::int32_t at;

    friend auto operator<=>(Side const&, Side const&) = default;
};

/// What lies beside it.
struct Use {
    std::uint32_t commune = 0;
    bool town = false;
};

std::map<Side, Use> sides_of_blocks(std::span<Block const> blocks) {
    std::map<Side, Use> sides;
    for (auto const& block : blocks) {
        if (block.tier == Tier::open) continue;
        auto const add = [&](bool across, std::int32_t line, std::int32_t at) {
            Use& use = sides[{across, line / block_step, at / block_step}];
            use.commune = block.commune;
            use.town |= block.tier == Tier::settlement;
        };
        Rect const& r = block.rect;
        for (std::int32_t u = r.u0; u < r.u1; u += block_step) {
            add(true, r.v0, u);
            add(true, r.v1, u);
        }
        for (std::int32_t v = r.v0; v < r.v1; v += block_step) {
            add(false, r.u0, v);
            add(false, r.u1, v);
        }
    }
    return sides;
}

Node node(Side const& side, std::int32_t at) noexcept {
    std::int32_t const line = side.line * block_step;
    return side.across ? Node{at * block_step, line} : Node{line, at * block_step};
}

Geometry line_between(ParcelMap const& map, Node from, Node to) {
    std::vector<Node> nodes;
    map.mosaic().walk(from, to, nodes);
    Geometry line;
    line.kind = GeometryKind::line;
    line.srid = 4326;
    for (Node const n : nodes) line.positions.push_back(map.land().degrees(n));
    line.path_ends = {static_cast<std::uint32_t>(nodes.size())};
    return line;
}

/// The town street nearest to each commune's centre, east–west and north–south, is its main one.
class MainStreets {
public:
    explicit MainStreets(std::size_t communes) : m_nearest(communes * 2) {}

    void consider(std::uint32_t street, std::uint32_t commune, bool across, double away) {
        auto& nearest = m_nearest[commune * 2 + (across ? 1 : 0)];
        if (nearest.street == none || away < nearest.away) nearest = {street, away};
    }
    void mark(std::vector<Street>& streets) const {
        for (auto const& nearest : m_nearest)
            if (nearest.street != none) streets[nearest.street].kind = "arterial";
    }

private:
    struct Nearest {
        std::uint32_t street = none;
        double away = 0;
    };
    std::vector<Nearest> m_nearest;
};

/// Names streets commune by commune: persons first, then numbers.
void name_streets(std::vector<Street>& streets, std::size_t communes, std::uint64_t seed) {
    std::vector<std::uint32_t> town(communes, 0);
    std::vector<std::uint32_t> rural(communes, 0);
    for (auto& street : streets) {
        if (street.kind == "rural") {
            street.name = "Đường liên thôn " + std::to_string(++rural[street.commune]);
            continue;
        }
        std::uint32_t const n = town[street.commune]++;
        // A stride that has no factor in common with 40 meets every name once.
        std::uint64_t const first = mix(seed, naming, street.commune);
        street.name = n < names.size()
                          ? "Đường " + std::string{names[(first + n * 17) % names.size()]}
                          : "Đường số " + std::to_string(n - names.size() + 1);
    }
}

} // namespace

std::vector<Street> make_streets(ParcelMap const& map, std::uint64_t seed) {
    auto const sides = sides_of_blocks(map.blocks());
    std::size_t const communes = map.land().communes().size();
    std::vector<Street> streets;
    MainStreets main{communes};
    for (auto begin = sides.begin(); begin != sides.end();) {
        auto const& [first, use] = *begin;
        std::int32_t to = first.at;
        auto end = begin;
        while (end != sides.end() && end->first.across == first.across &&
               end->first.line == first.line && end->first.at == to &&
               end->second.commune == use.commune && end->second.town == use.town &&
               to - first.at < longest) {
            ++end;
            ++to;
        }
        Street street;
        street.commune = use.commune;
        street.kind = use.town ? "local" : "rural";
        street.line = line_between(map, node(first, first.at), node(first, to));
        if (use.town) {
            Position const middle = map.land().place(node(first, (first.at + to) / 2));
            main.consider(static_cast<std::uint32_t>(streets.size()), use.commune, first.across,
                          distance(middle, map.land().centre(use.commune)));
        }
        streets.push_back(std::move(street));
        begin = end;
    }
    main.mark(streets);
    name_streets(streets, communes, seed);
    return streets;
}

} // namespace diaban::geo::synthetic
