#pragma once

#include "tiles/cut.hpp"
#include "tiles/mirror/layer.hpp"
#include "tiles/pyramid/keys.hpp"
#include "tiles/pyramid/pyramid.hpp"
#include "tiles/pyramid/square.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace diaban::tiles::pyramid {

/// How a collection is merged below its native zoom. The classes of lines rank as the registry's
/// code list of the class field has them. Sums of numbers are exact to a millionth.
[[nodiscard]] Plan plan_of(geo::Schema const& schema, std::uint32_t native_zoom);

/// Whether rows of a collection end: it names the end of their validity as its time.
[[nodiscard]] bool rows_end(geo::Schema const& schema) noexcept;

/// The living rows of a layer, as a pyramid reads them. Keeps the layer.
class LayerRows final : public RowSource {
public:
    /// `before`  the rows of an earlier layer of the same collection, whose keys stay numbered as
    ///           they are; or null.
    /// `at`      microseconds from 1970: where rows end, those that are not in force then are left
    ///           out.
    /// Cost      one pass over the rows of the runs that `before` did not have.
    LayerRows(std::shared_ptr<mirror::Layer const> layer, LayerRows const* before,
              std::optional<std::int64_t> at = {});

    void visit(GridBox const& box, std::function<void(Row const&)> const& visit) const override;
    [[nodiscard]] GridBox bounds() const override;
    [[nodiscard]] std::shared_ptr<Keys const> const& keys() const noexcept { return m_keys; }
    [[nodiscard]] mirror::Layer const& layer() const noexcept { return *m_layer; }
    /// No two are alike in a process: what is kept of these rows is kept under it.
    [[nodiscard]] std::uint64_t number() const noexcept { return m_number; }

private:
    friend class ChosenRows;
    /// By class of row and code of the class field: the number of the key.
    using KeyTable = std::unordered_map<std::uint64_t, std::uint32_t>;
    /// What is known of a run beside its rows.
    struct Table {
        KeyTable keys;
        /// By summed field: the column, and its values by code.
        std::vector<std::pair<std::size_t, std::vector<Wide>>> sums;
    };
    struct Source {
        std::shared_ptr<mirror::Run const> run;
        std::shared_ptr<Table const> table;
    };

    [[nodiscard]] std::uint64_t kind_of(mirror::Run const& run, std::size_t row) const noexcept;
    [[nodiscard]] std::shared_ptr<Table const> table_of(mirror::Run const& run, Keys& keys) const;
    /// Calls `visit` for the living rows of run `i` that meet `box` and that `wanted(row)` allows.
    template <typename Wanted>
    void visit_run(std::size_t i, GridBox const& box, Wanted&& wanted,
                   std::function<void(Row const&)> const& visit) const;

    std::shared_ptr<mirror::Layer const> m_layer;
    std::optional<std::int64_t> m_at; // nothing: rows do not end
    std::size_t m_column;             // of the class field; none: beyond the columns
    std::vector<Source> m_sources;
    std::shared_ptr<Keys const> m_keys;
    std::uint64_t m_number;
};

/// Those rows of a layer that match a choice, within a box. Keeps the others' rows.
class ChosenRows final : public RowSource {
public:
    /// `within`  only rows that meet it are asked about; empty: all.
    ChosenRows(std::shared_ptr<LayerRows const> rows, GridBox const& within,
               RowChoice const& choice);

    void visit(GridBox const& box, std::function<void(Row const&)> const& visit) const override;
    [[nodiscard]] GridBox bounds() const override { return m_bounds; }
    /// How many there are.
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }
    /// How many meet a box. Cost: the rows that meet it, chosen or not.
    [[nodiscard]] std::size_t count(GridBox const& box) const;
    [[nodiscard]] std::size_t bytes() const noexcept;

private:
    std::shared_ptr<LayerRows const> m_rows;
    std::vector<std::vector<bool>> m_chosen; // by run and row
    GridBox m_bounds;
    std::size_t m_size = 0;
};

} // namespace diaban::tiles::pyramid
