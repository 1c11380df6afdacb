import '../app/app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Reference } from './Reference';

const root = document.getElementById('root');
if (root === null) {
  throw new Error('reference.html has no #root');
}
createRoot(root).render(
  <StrictMode>
    <Reference />
  </StrictMode>,
);
