#pragma once

#include "data/gdal/vector_source.hpp"

#include <memory>

namespace diaban::data::gdal {

/// Reads a source on a thread of its own, a few batches ahead of who uses them.
///
/// Memory   three batches.
/// Threads  `next` from one thread; `source` must be left alone until this is gone.
class ReadAhead {
public:
    explicit ReadAhead(VectorSource& source);
    ReadAhead(ReadAhead const&) = delete;
    ReadAhead& operator=(ReadAhead const&) = delete;
    /// Stops reading, after the batch at hand.
    ~ReadAhead();

    /// The next batch, valid until the next call; nothing at the end.
    /// Throws   what reading threw, once the batches before it are used.
    RowBatch const* next();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace diaban::data::gdal
