#include "data/gdal/read_ahead.hpp"

#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace diaban::data::gdal {

struct ReadAhead::State {
    std::array<RowBatch, 3> batches;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<RowBatch*> empty;
    std::deque<RowBatch*> full;
    RowBatch* in_use = nullptr;
    std::exception_ptr fault;
    bool ended = false; // by the reader: no more batches come
    bool stop = false;  // by the user: none is wanted
    std::thread thread;

    void run(VectorSource& source) {
        try {
            while (auto* batch = take_empty()) {
                bool const more = source.read(*batch);
                std::lock_guard const lock{mutex};
                if (!more) break;
                full.push_back(batch);
                changed.notify_all();
            }
        } catch (...) {
            fault = std::current_exception();
        }
        std::lock_guard const lock{mutex};
        ended = true;
        changed.notify_all();
    }

    RowBatch* take_empty() {
        std::unique_lock lock{mutex};
        changed.wait(lock, [&] { return stop || !empty.empty(); });
        if (stop) return nullptr;
        auto* batch = empty.front();
        empty.pop_front();
        return batch;
    }
};

ReadAhead::ReadAhead(VectorSource& source) : m_state{std::make_unique<State>()} {
    for (auto& batch : m_state->batches) m_state->empty.push_back(&batch);
    m_state->thread = std::thread{[state = m_state.get(), &source] { state->run(source); }};
}

ReadAhead::~ReadAhead() {
    {
        std::lock_guard const lock{m_state->mutex};
        m_state->stop = true;
        m_state->changed.notify_all();
    }
    m_state->thread.join();
}

RowBatch const* ReadAhead::next() {
    auto& state = *m_state;
    std::unique_lock lock{state.mutex};
    if (state.in_use != nullptr) {
        state.empty.push_back(state.in_use);
        state.in_use = nullptr;
        state.changed.notify_all();
    }
    state.changed.wait(lock, [&] { return state.ended || !state.full.empty(); });
    if (state.full.empty()) {
        if (state.fault) std::rethrow_exception(state.fault);
        return nullptr;
    }
    state.in_use = state.full.front();
    state.full.pop_front();
    return state.in_use;
}

} // namespace diaban::data::gdal
