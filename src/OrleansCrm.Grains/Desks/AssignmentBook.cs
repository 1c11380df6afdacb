using OrleansCrm.Contracts.Desks;

namespace OrleansCrm.Grains.Desks;

/// <summary>
/// The unfinished alerts of one desk by who has them, and who is to have them next. What has been decided counts at once, whatever older
/// news of the alert still come in, so that nobody is ever given more than he can take.
/// </summary>
internal sealed class AssignmentBook(int alertsMax)
{
    private const string Online = "online";
    private const string Offline = "agent went offline";

    private readonly Dictionary<string, AssignableAlert> _alerts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dispatch> _underWay = new(StringComparer.Ordinal);
    private readonly SortedSet<AssignableAlert> _open = [];
    private readonly Dictionary<string, SortedSet<AssignableAlert>> _held = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _coming = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long> _turns = new(StringComparer.OrdinalIgnoreCase);
    private long _turn;
    private bool _isLooked;

    public int Count => _alerts.Count;

    /// <summary>Whether there was no room for an alert.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>Alerts an agent has that are awake, those on their way to him included.</summary>
    public int LoadOf(string agent) => (_held.TryGetValue(agent, out var held) ? held.Count : 0) + _coming.GetValueOrDefault(agent);

    /// <summary>Takes news of an alert; older than what is known changes nothing.</summary>
    public void Take(AssignableAlert alert, string desk)
    {
        var known = _alerts.GetValueOrDefault(alert.Id);
        if (known is not null && known.Revision >= alert.Revision)
            return;
        if (known is not null)
            Remove(known);
        if (!alert.IsUnfinished || alert.Desk != desk)
            return;
        if (_alerts.Count >= alertsMax)
        {
            IsPartial = true;
            return;
        }

        _alerts.Add(alert.Id, alert);
        _isLooked = false;
        if (alert.IsOpen)
            _open.Add(alert);
        else if (alert.IsClaimed)
            HeldBy(alert.Agent).Add(alert);
    }

    /// <summary>An alert of which nobody knows.</summary>
    public void Forget(string alert)
    {
        if (_alerts.GetValueOrDefault(alert) is { } known)
            Remove(known);
    }

    /// <summary>Presence or rules have changed.</summary>
    public void LookAgain() => _isLooked = false;

    /// <summary>What is to be done now, at most so many; each counts as under way until it is <see cref="End"/>ed.</summary>
    public List<Dispatch> Plan(DeskMoment now, int max)
    {
        var plan = new List<Dispatch>();
        var crew = new Crew(this, now);
        TakeBack(now, crew, plan, max);
        if (!_isLooked && crew.HasRoom)
            Give(crew, plan, max);
        _isLooked = plan.Count < max;
        return plan;
    }

    /// <summary>This one is still under way.</summary>
    public void Resume(Dispatch dispatch) => Begin(dispatch, []);

    /// <summary>The dispatch was carried out, or was refused.</summary>
    public void End(Dispatch dispatch)
    {
        if (!_underWay.Remove(dispatch.Alert))
            return;
        _isLooked = false;
        if (dispatch.To.Length > 0 && --_coming[dispatch.To] == 0)
            _coming.Remove(dispatch.To);
    }

    private void TakeBack(DeskMoment now, Crew crew, List<Dispatch> plan, int max)
    {
        foreach (var (agent, held) in _held)
        {
            var goneFor = now.GoneFor(agent);
            if (goneFor < now.PresenceLease)
                continue;
            foreach (var alert in held)
            {
                if (plan.Count >= max)
                    return;
                if (_underWay.ContainsKey(alert.Id) || !(alert.IsGiven || now.Rules.IsRoundRobin)
                    || (alert.IsActedOn && goneFor < now.Rules.OfflineFor))
                    continue;
                var (to, why) = crew.Find(alert, except: agent);
                Begin(new Dispatch(alert.Id, alert.Agent, to, to.Length > 0 ? Offline + ", " + why : Offline), plan);
            }
        }
    }

    private void Give(Crew crew, List<Dispatch> plan, int max)
    {
        foreach (var alert in _open)
        {
            if (plan.Count >= max || !crew.HasRoom)
                return;
            if (_underWay.ContainsKey(alert.Id))
                continue;
            var (to, why) = crew.Find(alert, except: "");
            if (to.Length > 0)
                Begin(new Dispatch(alert.Id, "", to, why), plan);
        }
    }

    private void Begin(Dispatch dispatch, List<Dispatch> plan)
    {
        plan.Add(dispatch);
        _underWay.Add(dispatch.Alert, dispatch);
        if (dispatch.To.Length == 0)
            return;
        _coming[dispatch.To] = _coming.GetValueOrDefault(dispatch.To) + 1;
        _turns[dispatch.To] = ++_turn;
    }

    private SortedSet<AssignableAlert> HeldBy(string agent)
    {
        if (!_held.TryGetValue(agent, out var held))
            _held.Add(agent, held = []);
        return held;
    }

    private void Remove(AssignableAlert known)
    {
        _alerts.Remove(known.Id);
        _open.Remove(known);
        _isLooked = false;
        if (_held.TryGetValue(known.Agent, out var held) && held.Remove(known) && held.Count == 0)
            _held.Remove(known.Agent);
    }

    /// <summary>Who is online, and has room.</summary>
    private sealed class Crew
    {
        private readonly AssignmentBook _book;
        private readonly Dictionary<string, (string Agent, int Capacity)> _online = new(StringComparer.OrdinalIgnoreCase);
        private readonly List<(string Agent, int Capacity, string[] Skills)> _inTurn = [];

        public Crew(AssignmentBook book, DeskMoment now)
        {
            _book = book;
            var rules = now.Rules.Agents.ToDictionary(a => a.Agent, StringComparer.OrdinalIgnoreCase);
            foreach (var present in now.Present)
            {
                if (present.State != Online)
                    continue;
                var rule = rules.GetValueOrDefault(present.Agent);
                var capacity = rule is { Capacity: >= 0 and var own } ? own : now.Rules.Capacity;
                _online[present.Agent] = (present.Agent, capacity);

                // Who leads looks on: such a person takes part by a capacity of his own.
                if (now.Rules.IsRoundRobin && (rule is null || rule.IsOfDesk) && (present.Role == "agent" || rule?.Capacity > 0))
                    _inTurn.Add((present.Agent, capacity, rule?.Skills ?? []));
            }
        }

        public bool HasRoom
        {
            get
            {
                foreach (var (agent, capacity) in _online.Values)
                {
                    if (_book.LoadOf(agent) < capacity)
                        return true;
                }

                return false;
            }
        }

        /// <returns>Nobody when nobody can have it.</returns>
        public (string Agent, string Why) Find(AssignableAlert alert, string except)
        {
            if (alert.Owner.Length > 0 && _online.TryGetValue(alert.Owner, out var owner) && HasRoomFor(alert, owner.Agent, owner.Capacity, except))
                return (owner.Agent, "owner online");
            var (next, turn) = ("", long.MaxValue);
            foreach (var (agent, capacity, skills) in _inTurn)
            {
                var last = _book._turns.GetValueOrDefault(agent);
                if (last < turn && Array.TrueForAll(alert.Skills, skills.Contains) && HasRoomFor(alert, agent, capacity, except))
                    (next, turn) = (agent, last);
            }

            return (next, "round robin");
        }

        private bool HasRoomFor(AssignableAlert alert, string agent, int capacity, string except) =>
            _book.LoadOf(agent) < capacity && !alert.WasPassedBy(agent) && !string.Equals(agent, except, StringComparison.OrdinalIgnoreCase);
    }
}
