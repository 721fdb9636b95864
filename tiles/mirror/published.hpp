#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace diaban::tiles::mirror {

/// A value that one writer replaces while any number of readers take it, lock-free: a reader that
/// is stopped at any instruction holds up neither the writer nor another reader.
///
/// Method   hazard pointers (Michael, IEEE TPDS 15(6), 2004), held only while the shared pointer is
///          copied: what a reader keeps is an ordinary shared pointer, and the value is freed by
///          whoever drops the last one. std::atomic<std::shared_ptr> of GCC 12 takes a spin lock.
/// Writer   one at a time.
/// Readers  at most `slots` at once are in `take`; one more tries again until a slot is free.
template <typename T>
class Published {
public:
    explicit Published(std::shared_ptr<T const> first) : m_now{new Node{std::move(first)}} {}
    Published(Published const&) = delete;
    Published& operator=(Published const&) = delete;
    ~Published() {
        delete m_now.load();
        for (auto* const node : m_retired) delete node;
    }

    [[nodiscard]] std::shared_ptr<T const> take() const {
        auto const start = std::hash<std::thread::id>{}(std::this_thread::get_id());
        for (std::size_t i = start;; ++i) {
            auto& slot = m_slots[i % slots].node;
            Node const* free = nullptr;
            Node const* seen = m_now.load();
            if (slot.load(std::memory_order_relaxed) != nullptr ||
                !slot.compare_exchange_strong(free, seen))
                continue;
            // Announced; still there? Otherwise it may be gone already, and another is announced.
            for (Node const* now = m_now.load(); now != seen; now = m_now.load()) {
                slot.store(now);
                seen = now;
            }
            auto value = seen->value;
            slot.store(nullptr, std::memory_order_release);
            return value;
        }
    }

    void put(std::shared_ptr<T const> value) {
        m_retired.push_back(m_now.exchange(new Node{std::move(value)}));
        std::erase_if(m_retired, [this](Node const* node) {
            for (auto const& slot : m_slots)
                if (slot.node.load() == node) return false;
            delete node;
            return true;
        });
    }

private:
    static constexpr std::size_t slots = 256;
    struct Node {
        std::shared_ptr<T const> value;
    };
    struct alignas(64) Slot { // a cache line each: readers do not disturb one another
        std::atomic<Node const*> node{nullptr};
    };

    mutable std::array<Slot, slots> m_slots{};
    std::atomic<Node const*> m_now;
    std::vector<Node const*> m_retired; // of the writer
};

} // namespace diaban::tiles::mirror
