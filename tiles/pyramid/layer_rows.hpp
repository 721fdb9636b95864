#pragma once

#include "tiles/mirror/layer.hpp"
#include "tiles/pyramid/keys.hpp"
#include "tiles/pyramid/pyramid.hpp"
#include "tiles/pyramid/square.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace diaban::tiles::pyramid {

/// How a collection is merged below its native zoom.
[[nodiscard]] Plan plan_of(geo::Schema const& schema, std::uint32_t native_zoom);

/// The living rows of a layer, as a pyramid reads them. Keeps the layer.
class LayerRows final : public RowSource {
public:
    /// `before`  the rows of an earlier layer of the same collection, whose keys stay numbered as
    ///           they are; or null.
    /// Cost      one pass over the rows of the runs that `before` did not have.
    LayerRows(std::shared_ptr<mirror::Layer const> layer, LayerRows const* before);

    void visit(GridBox const& box, std::function<void(Row const&)> const& visit) const override;
    [[nodiscard]] GridBox bounds() const override;
    [[nodiscard]] std::shared_ptr<Keys const> const& keys() const noexcept { return m_keys; }

private:
    /// By class of row and code of the class field: the number of the key.
    using KeyTable = std::unordered_map<std::uint64_t, std::uint32_t>;
    struct Source {
        std::shared_ptr<mirror::Run const> run;
        std::shared_ptr<KeyTable const> keys;
    };

    [[nodiscard]] std::uint64_t kind_of(mirror::Run const& run, std::size_t row) const noexcept;
    [[nodiscard]] std::shared_ptr<KeyTable const> table_of(mirror::Run const& run,
                                                           Keys& keys) const;

    std::shared_ptr<mirror::Layer const> m_layer;
    std::size_t m_column; // of the class field; none: beyond the columns
    std::vector<Source> m_sources;
    std::shared_ptr<Keys const> m_keys;
};

} // namespace diaban::tiles::pyramid
