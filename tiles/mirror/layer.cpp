#include "tiles/mirror/layer.hpp"

#include "geo/error.hpp"
#include "geo/index/hilbert.hpp"
#include "tiles/mirror/native_zoom.hpp"
#include "tiles/mirror/rows.hpp"
#include "tiles/mirror/visibility.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <thread>

namespace diaban::tiles::mirror {
namespace {

/// A row's place before sorting.
struct Source {
    std::uint32_t key;  // Hilbert distance of the box centre
    std::uint32_t part; // which builder
    std::uint32_t row;  // in that builder
    std::int64_t fid;
};

/// Where the i-th of `of` equal shares of [0, count) begins.
std::size_t share(std::size_t count, unsigned i, unsigned of) noexcept {
    return count * i / of;
}

/// Runs `work(begin, end)` over [0, count) on `threads` threads; what one throws is thrown here.
void in_parallel(std::size_t count, unsigned threads,
                 std::function<void(std::size_t, std::size_t)> const& work) {
    std::vector<std::exception_ptr> faults(threads);
    {
        std::vector<std::jthread> crew;
        for (unsigned i = 0; i < threads; ++i)
            crew.emplace_back([&, i] {
                try {
                    work(share(count, i, threads), share(count, i + 1, threads));
                } catch (...) {
                    faults[i] = std::current_exception();
                }
            });
    }
    for (auto const& fault : faults)
        if (fault) std::rethrow_exception(fault);
}

std::uint32_t hilbert_of(GridBox const& box) noexcept {
    auto const middle = [](std::int32_t low, std::int32_t high) {
        return std::uint32_t((std::int64_t{low} + high) / 2) >> 15U;
    };
    return geo::index::hilbert(middle(box.min_x, box.max_x), middle(box.min_y, box.max_y));
}

std::vector<Source> in_order(std::vector<Rows const*> const& parts, unsigned threads) {
    std::vector<Source> order;
    for (std::uint32_t part = 0; part < parts.size(); ++part)
        for (std::uint32_t row = 0; row < parts[part]->fids.size(); ++row)
            order.push_back({0, part, row, parts[part]->fids[row]});
    auto const before = [](Source const& a, Source const& b) {
        return a.key != b.key ? a.key < b.key : a.fid < b.fid;
    };
    auto const at = [&](std::size_t i) { return order.begin() + std::ptrdiff_t(i); };
    in_parallel(order.size(), threads, [&](std::size_t begin, std::size_t end) {
        for (auto i = begin; i < end; ++i)
            order[i].key = hilbert_of(parts[order[i].part]->boxes[order[i].row]);
        std::sort(at(begin), at(end), before);
    });
    for (unsigned i = 1; i < threads; ++i)
        std::inplace_merge(at(0), at(share(order.size(), i, threads)),
                           at(share(order.size(), i + 1, threads)), before);
    return order;
}

/// Joins the parts' numbering of scopes: by part, what each number becomes.
std::vector<std::vector<std::uint32_t>> join_scopes(std::vector<Rows const*> const& parts,
                                                    Base& base) {
    Names names;
    std::vector<std::vector<std::uint32_t>> renumbered;
    for (auto const* part : parts) {
        auto& numbers = renumbered.emplace_back();
        for (auto const& text : part->scope_names.texts())
            numbers.push_back(names.number(text).first);
    }
    base.scope_names = names.texts();
    return renumbered;
}

/// Joins the parts' dictionaries of one column, and gives its values their place in the tile.
std::vector<std::vector<std::uint32_t>> join_column(std::vector<Rows const*> const& parts,
                                                    std::size_t column, Names& tile_values,
                                                    Column& joined) {
    Names names;
    joined.dictionary.emplace_back();
    joined.tile_values.push_back(0);
    std::vector<std::vector<std::uint32_t>> renumbered;
    for (auto const* part : parts) {
        auto const& rows = part->columns[column];
        auto& numbers = renumbered.emplace_back();
        numbers.push_back(0);
        for (std::size_t i = 0; i < rows.values.size(); ++i) {
            auto const [number, is_new] = names.number(rows.encoded.texts()[i]);
            numbers.push_back(number + 1);
            if (!is_new) continue;
            joined.dictionary.push_back(rows.values[i]);
            joined.tile_values.push_back(tile_values.number(rows.encoded.texts()[i]).first);
        }
    }
    return renumbered;
}

void gather_shapes(std::vector<Rows const*> const& parts, std::vector<Source> const& order,
                   unsigned threads, Base& base) {
    auto const rows = order.size();
    base.path_begin.resize(rows + 1);
    std::vector<std::uint32_t> first_point(rows + 1);
    for (std::size_t i = 0; i < rows; ++i) {
        auto const& from = *parts[order[i].part];
        auto const row = order[i].row;
        auto const paths = from.path_begin[row + 1] - from.path_begin[row];
        auto const points =
            from.point_begin[from.path_begin[row + 1]] - from.point_begin[from.path_begin[row]];
        base.path_begin[i + 1] = base.path_begin[i] + paths;
        first_point[i + 1] = first_point[i] + points;
    }
    base.point_begin.resize(base.path_begin[rows] + std::size_t{1});
    base.points.resize(first_point[rows]);
    base.point_begin.back() = first_point[rows];
    bool const labels = std::any_of(parts.begin(), parts.end(),
                                    [](Rows const* part) { return !part->labels.empty(); });
    base.fids.resize(rows);
    base.sensitivities.resize(rows);
    base.safe_zooms.resize(rows);
    base.boxes.resize(rows);
    base.labels.resize(labels ? rows : 0);
    in_parallel(rows, threads, [&](std::size_t begin, std::size_t end) {
        for (auto i = begin; i < end; ++i) {
            auto const& from = *parts[order[i].part];
            auto const row = order[i].row;
            base.fids[i] = from.fids[row];
            base.sensitivities[i] = from.sensitivities[row];
            base.safe_zooms[i] = from.safe_zooms[row];
            base.boxes[i] = from.boxes[row];
            if (labels) base.labels[i] = from.labels[row];
            auto const path = from.path_begin[row];
            auto const source = from.point_begin[path];
            for (std::uint32_t p = 0; p < base.path_begin[i + 1] - base.path_begin[i]; ++p)
                base.point_begin[base.path_begin[i] + p] =
                    from.point_begin[path + p] - source + first_point[i];
            std::copy_n(from.points.begin() + source, first_point[i + 1] - first_point[i],
                        base.points.begin() + first_point[i]);
        }
    });
}

void gather_attributes(std::vector<Rows const*> const& parts, std::vector<Source> const& order,
                       Base& base) {
    auto const scopes = join_scopes(parts, base);
    base.scopes.resize(order.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        base.scopes[i] = scopes[order[i].part][parts[order[i].part]->scopes[order[i].row]];
    Names tile_values;
    auto const& fields = parts.front()->fields;
    for (std::size_t c = 0; c < fields.size(); ++c) {
        Column column;
        column.field = fields[c];
        auto const numbers = join_column(parts, c, tile_values, column);
        column.codes.resize(order.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            column.codes[i] =
                numbers[order[i].part][parts[order[i].part]->columns[c].codes[order[i].row]];
        base.columns.push_back(std::move(column));
    }
    base.tile_values = tile_values.texts();
}

template <typename Visit>
void for_each_seen(Base const& base, geo::Policy const& policy, Visit&& visit) {
    Visibility const sees{base, policy};
    for (std::size_t i = 0; i < base.size(); ++i)
        if (sees(i)) visit(i);
}

} // namespace

LayerBuilder::LayerBuilder(geo::Schema schema)
    : m_rows{std::make_unique<Rows>(std::move(schema))} {}
LayerBuilder::~LayerBuilder() = default;
LayerBuilder::LayerBuilder(LayerBuilder&&) noexcept = default;
LayerBuilder& LayerBuilder::operator=(LayerBuilder&&) noexcept = default;
void LayerBuilder::append(geo::RowView const& row) {
    m_rows->append(row);
}

std::shared_ptr<Layer const> Layer::build(std::vector<LayerBuilder> parts, unsigned threads) {
    if (parts.empty())
        throw geo::Error{geo::Code::internal, "mirror-row", {}, "a layer of no parts"};
    threads = std::max(1U, threads);
    std::vector<Rows const*> rows;
    for (auto const& part : parts) rows.push_back(part.m_rows.get());
    auto layer = std::make_shared<Layer>();
    auto& base = layer->m_base;
    base.schema = rows.front()->schema;
    auto const order = in_order(rows, threads);
    gather_shapes(rows, order, threads, base);
    gather_attributes(rows, order, base);
    parts.clear();
    base.index = geo::index::PackedRtree<GridBox>{std::span<GridBox const>{base.boxes}};
    base.native_zoom = mirror::native_zoom(*layer);
    return layer;
}

std::size_t Layer::count(geo::Policy const& policy) const {
    if (policy.all_scopes() && policy.level() == 255) return size();
    std::size_t count = 0;
    for_each_seen(m_base, policy, [&](std::size_t) { ++count; });
    return count;
}

geo::Box Layer::extent(geo::Policy const& policy) const {
    GridBox box;
    for_each_seen(m_base, policy, [&](std::size_t i) { box.extend(m_base.boxes[i]); });
    if (box.empty()) return {};
    auto const north_west = from_grid({double(box.min_x), double(box.min_y)});
    auto const south_east = from_grid({double(box.max_x), double(box.max_y)});
    return {north_west.x, south_east.y, south_east.x, north_west.y};
}

std::size_t Layer::bytes() const noexcept {
    auto const of = [](auto const& array) { return array.capacity() * sizeof(array[0]); };
    std::size_t sum = of(m_base.fids) + of(m_base.scopes) + of(m_base.sensitivities) +
                      of(m_base.safe_zooms) + of(m_base.boxes) + of(m_base.path_begin) +
                      of(m_base.point_begin) + of(m_base.points) + of(m_base.labels) +
                      m_base.index.bytes();
    for (auto const& column : m_base.columns)
        sum += of(column.codes) + of(column.dictionary) + of(column.tile_values);
    for (auto const& value : m_base.tile_values) sum += sizeof(value) + value.capacity();
    return sum;
}

} // namespace diaban::tiles::mirror
