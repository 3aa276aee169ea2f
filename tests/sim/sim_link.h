#pragma once

#include "tests/sim/sim_node.h"

namespace landline::sim {

/// The way between two nodes: at most one session at a time, which keeps the order of frames and loses them only by
/// breaking, as TCP does.
class SimLink {
public:
    SimLink(SimContext& context, SimNode& a, SimNode& b) : m_context(context), m_a(a), m_b(b) {}

    [[nodiscard]] SimNode& a() const { return m_a; }
    [[nodiscard]] SimNode& b() const { return m_b; }
    [[nodiscard]] bool isUp() const { return m_sideA && m_sideA->isOpen; }
    /// While it is cut it does not come up.
    void setCut(bool cut);
    void connect();
    /// Breaks the session; what was on its way is lost. It comes up again some time later.
    void breakNow();

private:
    SimContext& m_context;
    SimNode& m_a;
    SimNode& m_b;
    SessionPtr m_sideA;
    SessionPtr m_sideB;
    bool m_isCut = false;
};

}  // namespace landline::sim
