namespace OrleansCrm.EmbeddedSilo;

/// <summary>Where calls run: an activation, or an object that observes.</summary>
internal interface ICallTarget
{
    /// <summary>The call did not end in its first turn.</summary>
    void Suspended(Call call);

    /// <summary>The call has ended; its answer is not yet given.</summary>
    void Ended(Call call, Exception? failure);

    /// <summary>The answer is given: what waited may go on.</summary>
    void Continue();
}
