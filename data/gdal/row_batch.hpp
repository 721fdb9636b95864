#pragma once

#include "geo/feature.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

namespace diaban::data::gdal {

/// Rows of a file on their way through the pipeline, in memory that is reused.
///
/// Everything a row shows is borrowed from the batch and valid until `clear`.
class RowBatch {
public:
    /// One row of the file.
    ///
    /// `number`  the file's own id of the feature, as GDAL counts it; names the row in messages.
    /// `wkb`     ISO well-known binary in the CRS of the layer; empty when the row has none.
    /// `fault`   why the row cannot be used as it is; empty when it can. `wkb` is the original
    /// then.
    struct Row {
        std::int64_t number = 0;
        std::span<std::byte const> wkb;
        std::string_view fault;
    };

    RowBatch() = default;
    RowBatch(RowBatch const&) = delete;
    RowBatch& operator=(RowBatch const&) = delete;
    ~RowBatch() { clear(); }

    [[nodiscard]] std::size_t size() const noexcept { return m_rows.size(); }
    [[nodiscard]] Row const& row(std::size_t i) const noexcept { return m_rows[i]; }
    /// The selected fields of row `i`, in the order of the selection.
    [[nodiscard]] std::span<geo::ValueView const> values(std::size_t i) const noexcept {
        return std::span{m_values}.subspan(i * m_fields, m_fields);
    }
    /// Bytes of text and geometry held.
    [[nodiscard]] std::size_t bytes() const noexcept { return m_bytes; }

    /// Empties the batch, and gives back what it borrowed.
    void clear() {
        m_rows.clear();
        m_values.clear();
        m_arena.release();
        m_bytes = 0;
        if (m_give_back) m_give_back();
        m_give_back = nullptr;
    }

    // For the readers that fill it.
    void start(std::size_t fields) {
        clear();
        m_fields = fields;
    }
    void add_row(Row row) {
        m_rows.push_back(row);
        m_bytes += row.wkb.size();
    }
    void add_value(geo::ValueView value) { m_values.push_back(value); }
    Row& last_row() noexcept { return m_rows.back(); }
    /// `size` bytes that live as long as the batch's content.
    [[nodiscard]] std::byte* allocate(std::size_t size) {
        m_bytes += size;
        return static_cast<std::byte*>(m_arena.allocate(size, 1));
    }
    /// A copy of `text` that lives as long as the batch's content.
    [[nodiscard]] std::string_view keep(std::string_view text) {
        if (text.empty()) return {};
        auto* bytes = reinterpret_cast<char*>(allocate(text.size()));
        text.copy(bytes, text.size());
        return {bytes, text.size()};
    }
    /// Calls `give_back` when the batch is cleared: it holds memory of another's.
    void borrow(std::function<void()> give_back) { m_give_back = std::move(give_back); }

private:
    std::size_t m_fields = 0;
    std::size_t m_bytes = 0;
    std::vector<Row> m_rows;
    std::vector<geo::ValueView> m_values; // fields of row 0, fields of row 1, …
    std::pmr::monotonic_buffer_resource m_arena{64 * 1024};
    std::function<void()> m_give_back;
};

} // namespace diaban::data::gdal
