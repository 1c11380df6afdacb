using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>The address of a grain or an observer. The emitted proxies derive from it and implement the interface.</summary>
internal class GrainReference(ReferenceAddress address) : IGrain, IGrainObserver, IEquatable<GrainReference>
{
    private readonly GrainClass? _class = address.Class;
    private readonly LocalObject? _observer = address.Observer;

    // The activation that took the last call. When it has left the directory, that is asked again.
    private Activation? _latest;

    internal string? Text { get; } = address.Text;

    internal long Number { get; } = address.Number;

    internal Silo Silo => _class is null ? _observer!.Silo : _class.Silo;

    internal GrainClass? Class => _class;

    internal LocalObject? Observer => _observer;

    internal GrainId GrainId => _class is null ? _observer!.GrainId : _class.IdOf(Text, Number);

    public bool Equals(GrainReference? other) =>
        other is not null && ReferenceEquals(_class, other._class) && ReferenceEquals(_observer, other._observer) &&
        Number == other.Number && Text == other.Text;

    public override bool Equals(object? obj) => obj is GrainReference other && Equals(other);

    public override int GetHashCode() => _observer is null
        ? HashCode.Combine(_class, Text is null ? Number.GetHashCode() : Text.GetHashCode(StringComparison.Ordinal))
        : _observer.GetHashCode();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"GrainReference:{GrainId}");

    internal static GrainReference Of(IAddressable grain) => grain switch
    {
        GrainReference reference => reference,
        IGrainBase { GrainContext: Activation activation } =>
            new GrainReference(new ReferenceAddress(activation.Class, null, activation.Text, activation.Number)),
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one.", nameof(grain)),
    };

    /// <summary>The same address behind another interface.</summary>
    internal GrainReference As(Type interfaceType) => interfaceType.IsInstanceOfType(this)
        ? this
        : ProxyFactory.For(interfaceType)(new ReferenceAddress(_class, _observer, Text, Number));

    internal Task<TResult> SendTask<TResult>(PromiseCall<TResult> call)
    {
        call.Reference = this;
        if (call.Method.OneWay)
        {
            Silo.Send(call);
            return Completed<TResult>.Task;
        }

        var promise = call.Promise;
        Silo.Send(call);
        return promise;
    }

    internal ValueTask<TResult> SendValueTask<TResult>(PromiseCall<TResult> call) => new(SendTask(call));

    internal ValueTask SendValueTask(PromiseCall<Nothing> call) => new(SendTask(call));

    internal void SendVoid(PromiseCall<Nothing> call) => SendTask(call);

    /// <summary>Brings the call to its target.</summary>
    /// <param name="call">The call.</param>
    /// <param name="now">When it was sent, if it may run on this thread at once.</param>
    internal void Deliver(Call call, long? now = null)
    {
        if (_observer is not null)
        {
            _observer.Receive(call);
            return;
        }

        var activation = _latest;
        if (activation is null || activation.IsDetached)
        {
            activation = _class!.GetOrCreate(Text, Number);
            if (activation is null)
            {
                call.Refuse(new SiloUnavailableException($"The silo is stopping and activates {_class.Name} no more."));
                return;
            }

            _latest = activation;
        }

        if (now is null || !activation.TryRunNow(call, now.GetValueOrDefault()))
            activation.Post(call);
    }

    private static class Completed<TResult>
    {
        internal static readonly Task<TResult> Task = System.Threading.Tasks.Task.FromResult<TResult>(default!);
    }
}

/// <summary>What a reference points to: a grain by class and key, or an observing object.</summary>
internal readonly record struct ReferenceAddress(GrainClass? Class, LocalObject? Observer, string? Text, long Number);
