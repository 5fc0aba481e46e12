import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";

interface Props {
  readonly children: ReactNode;
}

/** Catches what a page throws while drawing: the shell and every other page go on. */
export class ErrorBoundary extends Component<Props, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(error, info.componentStack);
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="stack" role="alert">
        <h1 tabIndex={-1}>This page broke</h1>
        <p className="quiet">Nothing you saved is lost. The browser says: {error.message}</p>
        <div className="row">
          <Button look="primary" onClick={() => this.setState({ error: undefined as never })}>
            Draw it again
          </Button>
          <Button onClick={() => location.reload()}>Load everything anew</Button>
        </div>
      </div>
    );
  }
}
